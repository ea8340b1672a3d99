/** A watch is not opened sooner after the one before it was. client-go's reflector opens it at once. @see client-go tools/watch/retrywatcher.go `minRestartDelay` */
export const LEAST_WATCH_INTERVAL_MS = 1_000;
/** A server that asks for a longer wait is asked again after this all the same. */
export const LONGEST_RETRY_AFTER_MS = 300_000;
/** client-go tools/cache/reflector.go `minWatchTimeout` */
export const LEAST_WATCH_TIMEOUT_MS = 300_000;
/** How much later than promised a server may end a watch. */
export const OVERDUE_MARGIN_MS = 30_000;
/** How long a watch may be silent before its source is asked for a sign of life. golang.org/x/net http2 in client-go: as long */
export const PING_AFTER_MS = 30_000;
/** How long that sign may take. client-go: as long */
export const PING_TIMEOUT_MS = 15_000;
/** client-go tools/cache/reflector.go `maxBackoff` */
export const LONGEST_BACKOFF_MS = 30_000;
/** How long a watch may be silent once its server has shown that it sends bookmarks (every minute). client-go relies on pings */
export const IDLE_TIMEOUT_MS = 90_000;
