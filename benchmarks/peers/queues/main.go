// client-go's workqueue, and controller-runtime's priority queue and reconcile loop. Prints one line of JSON for each figure.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

const million = 1_000_000
const reconciles = 100_000

func main() {
	klog.SetLogger(logr.Discard())
	log.SetLogger(logr.Discard())
	keys := make([]string, million)
	for i := range keys {
		keys[i] = fmt.Sprintf("team-%02d/app-%d-5010047522-%06x", i%100, i%400, i)
	}
	// A round that is not counted comes first: everybody is as fast as later in its life.
	for _, round := range [][]string{keys[:reconciles], keys} {
		last := len(round) == len(keys)
		queue := workqueue.NewTyped[string]()
		say(last, "workqueuePerS", million, measure(func() { fillAndDrain(queue, round) }))
		queue.ShutDown()
		prioritized := priorityqueue.New("b", func(o *priorityqueue.Opts[string]) { o.Log = logr.Discard() })
		say(last, "priorityQueuePerS", million, measure(func() { fillAndDrain(prioritized, round) }))
		prioritized.ShutDown()
		for _, workers := range []int{1, 10} {
			say(last, fmt.Sprintf("reconciles%dPerS", workers), reconciles, reconcileAll(keys[:reconciles], workers, true))
			say(last, fmt.Sprintf("classicReconciles%dPerS", workers), reconciles, reconcileAll(keys[:reconciles], workers, false))
		}
	}
}

func say(counts bool, phase string, operations int, d time.Duration) {
	if !counts {
		return
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"phase": phase, "value": float64(operations) / d.Seconds()}))
}

func measure(f func()) time.Duration {
	runtime.GC()
	start := time.Now()
	f()
	return time.Since(start)
}

// fillAndDrain adds all keys one by one, then gets and finishes them.
func fillAndDrain(queue workqueue.TypedInterface[string], keys []string) {
	for _, key := range keys {
		queue.Add(key)
	}
	for range keys {
		key, _ := queue.Get()
		queue.Done(key)
	}
}

// reconcileAll is the time that a manager's controller takes for reconciles that do nothing.
func reconcileAll(keys []string, workers int, prioritized bool) time.Duration {
	off, on := false, true
	m, err := manager.New(&rest.Config{Host: "http://127.0.0.1:1"}, manager.Options{
		Metrics: metrics.Options{BindAddress: "0"}, HealthProbeBindAddress: "0", LeaderElection: false, Logger: logr.Discard()})
	must(err)
	requests := make([]reconcile.Request, len(keys))
	for i, key := range keys {
		namespace, name, _ := strings.Cut(key, "/")
		requests[i] = reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
	}
	var left atomic.Int64
	left.Store(int64(len(keys)))
	done := make(chan struct{})
	c, err := controller.New("b", m, controller.Options{
		MaxConcurrentReconciles: workers, UsePriorityQueue: &prioritized, SkipNameValidation: &on, NeedLeaderElection: &off,
		Reconciler: reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
			if left.Add(-1) == 0 {
				close(done)
			}
			return reconcile.Result{}, nil
		})})
	must(err)
	var start time.Time
	runtime.GC()
	must(c.Watch(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		start = time.Now()
		go func() {
			for _, request := range requests {
				queue.Add(request)
			}
		}()
		return nil
	})))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { must(m.Start(ctx)); close(ended) }()
	<-done
	took := time.Since(start)
	cancel()
	<-ended
	return took
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
