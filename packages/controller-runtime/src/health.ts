/** Whether a manager is well, as data for `/healthz` and `/readyz`. */
export interface Health {
  /** It has not failed. When it has, only a restart helps. */
  readonly live: boolean;
  /** It does its work: every kind is in sync and every controller runs. */
  readonly ready: boolean;
  readonly checks: readonly HealthCheck[];
}

/** One thing that was looked at. */
export interface HealthCheck {
  /** `manager`, `cache/Deployment.apps`, `controller/web`. */
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong and what to do about it, in one line. Nothing in it is secret. */
  readonly message?: string | undefined;
}
