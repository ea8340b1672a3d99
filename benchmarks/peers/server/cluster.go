package main

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// order is what a watch is to send: MODIFIED events from version from+1 on, or the end.
type order struct {
	from, events int
	expire       bool
}

type watcher struct{ orders chan order }

// cluster is what one listener serves.
type cluster struct {
	items    []item
	mu       sync.Mutex
	version  int
	shift    int // what the versions of the pods have grown by
	watchers map[*watcher]struct{}
}

// send tells every open watch, and moves the version on by growth. An expiry gives every pod another version.
func (c *cluster) send(make func(from int) order, growth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := make(c.version)
	if o.expire {
		c.shift = c.version - firstVersion
	}
	c.version += growth
	for w := range c.watchers {
		w.orders <- o
	}
}

func (c *cluster) state() (version, shift int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version, c.shift
}

func (c *cluster) serve(w http.ResponseWriter, r *http.Request, rep representation) {
	if rep.custom && c.items[len(c.items)-1].custom.bytes == nil {
		http.Error(w, "not that many custom objects", http.StatusNotFound)
		return
	}
	rep, contentType := negotiate(r, rep)
	if v := r.URL.Query().Get("watch"); v == "true" || v == "1" {
		c.watch(w, r, rep, contentType)
	} else {
		c.list(w, r, rep, contentType)
	}
}

const chunkBytes = 256 << 10

// list answers with all pods, or with pages of limit. As from a real server, limit is ignored at resourceVersion=0.
func (c *cluster) list(w http.ResponseWriter, r *http.Request, rep representation, contentType string) {
	query := r.URL.Query()
	w.Header().Set("Content-Type", contentType)
	version, shift := c.state()
	limit, _ := strconv.Atoi(query.Get("limit"))
	from := 0
	if token := query.Get("continue"); token != "" {
		fmt.Sscanf(token, "c-%d-%d", &version, &from)
	} else if query.Get("resourceVersion") == "0" {
		limit = 0
	}
	to := len(c.items)
	if limit > 0 {
		to = min(to, from+limit)
	}
	next := ""
	if to < len(c.items) {
		next = fmt.Sprintf("c-%d-%d", version, to)
	}
	bytes := 0
	if rep.protobuf {
		for i := from; i < to; i++ {
			n := len(c.items[i].protobuf.bytes)
			bytes += 1 + varintBytes(n) + n
		}
	}
	b := rep.listHead(make([]byte, 0, chunkBytes+32<<10), version, next, len(c.items)-to, bytes)
	var err error
	for i := from; i < to; i++ {
		f := rep.form(&c.items[i])
		switch {
		case rep.protobuf:
			b = field(b, 0x12, len(f.bytes))
		case i > from:
			b = append(b, ',')
		}
		if b, err = flushFull(w, f.appendObject(b, firstVersion+shift+i+1, false)); err != nil {
			return
		}
	}
	if rep.protobuf {
		b = append(b, envelopeEnd...)
	} else {
		b = append(b, "]}\n"...)
	}
	w.Write(b)
}

// flushFull writes b when it is long.
func flushFull(w http.ResponseWriter, b []byte) ([]byte, error) {
	if len(b) < chunkBytes {
		return b, nil
	}
	_, err := w.Write(b)
	return b[:0], err
}

// watch sends the pods first when that is asked for (WatchList), then what it is ordered to.
func (c *cluster) watch(w http.ResponseWriter, r *http.Request, rep representation, contentType string) {
	query := r.URL.Query()
	if rep.protobuf {
		contentType += ";stream=watch"
	}
	w.Header().Set("Content-Type", contentType)
	me := &watcher{orders: make(chan order, 64)}
	c.mu.Lock()
	version, shift := c.version, c.shift
	c.watchers[me] = struct{}{}
	c.mu.Unlock()
	defer func() { c.mu.Lock(); delete(c.watchers, me); c.mu.Unlock() }()
	controller := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	controller.Flush()
	b := make([]byte, 0, chunkBytes+32<<10)
	var err error
	if query.Get("sendInitialEvents") == "true" {
		for i := range c.items {
			if b, err = flushFull(w, rep.event(b, "ADDED", rep.form(&c.items[i]), firstVersion+shift+i+1, false)); err != nil {
				return
			}
		}
		b = rep.bookmark(b, version, true)
	}
	var deadline, tick <-chan time.Time
	if seconds, _ := strconv.Atoi(query.Get("timeoutSeconds")); seconds > 0 {
		deadline = time.After(time.Duration(seconds) * time.Second)
	}
	if v := query.Get("allowWatchBookmarks"); v == "true" || v == "1" {
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		if _, err = w.Write(b); err != nil {
			return
		}
		controller.Flush()
		b = b[:0]
		select {
		case <-r.Context().Done():
			return
		case <-deadline:
			return
		case <-tick:
			b = rep.bookmark(b, version, false)
		case o := <-me.orders:
			if o.expire {
				w.Write(rep.expired(b))
				return
			}
			for i := range o.events {
				version = o.from + i + 1
				f := rep.form(&c.items[i%len(c.items)])
				if b, err = flushFull(w, rep.event(b, "MODIFIED", f, version, i == o.events-1)); err != nil {
					return
				}
			}
		}
	}
}
