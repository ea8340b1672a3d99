// client-go's SharedInformer, asked by lines on standard input: sync, collect, release, burst N, relist, end.
// WatchList or list and watch is chosen by KUBE_FEATURE_WatchListClient, as in every program that uses client-go.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

type answer map[string]any

func say(phase string, a answer) {
	a["phase"] = phase
	must(json.NewEncoder(os.Stdout).Encode(a))
}

func main() {
	url := flag.String("url", "", "the server")
	pods := flag.Int64("pods", 0, "how many it has")
	mode := flag.String("mode", "protobuf", "protobuf, json or dynamic (of the custom resource)")
	flag.Parse()
	klog.SetLogger(logr.Discard())
	informer := newInformer(*url, *mode)
	var adds, updates, wanted atomic.Int64
	all := make(chan struct{}, 1)
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { adds.Add(1) },
		UpdateFunc: func(any, any) {
			if updates.Add(1) == wanted.Load() {
				all <- struct{}{}
			}
		},
	})
	must(err)
	expect := func(phase string, n int64) {
		updates.Store(0)
		wanted.Store(n)
		say("armed", answer{})
		<-all
		say(phase, answer{"calls": updates.Load()})
	}
	say("ready", answer{})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command, argument, _ := strings.Cut(lines.Text(), " ")
		switch command {
		case "sync":
			start := time.Now()
			go informer.RunWithContext(context.Background())
			for !registration.HasSynced() || adds.Load() < *pods {
				time.Sleep(200 * time.Microsecond)
			}
			say(command, answer{"ms": time.Since(start).Seconds() * 1e3, "calls": adds.Load()})
		case "collect":
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			say(command, answer{"heapBytes": m.HeapAlloc})
		case "release":
			debug.FreeOSMemory()
			say(command, answer{})
		case "burst":
			events, err := strconv.ParseInt(argument, 10, 64)
			must(err)
			expect(command, events)
		case "relist":
			expect(command, *pods)
		case "end":
			return
		}
	}
}

func newInformer(url, mode string) cache.SharedIndexInformer {
	config := &rest.Config{Host: url, QPS: -1, ContentConfig: rest.ContentConfig{AcceptContentTypes: "application/json", ContentType: "application/json"}}
	if mode == "dynamic" {
		client, err := dynamic.NewForConfig(config)
		must(err)
		resource := schema.GroupVersionResource{Group: "bench.example.com", Version: "v1", Resource: "benchpods"}
		return dynamicinformer.NewDynamicSharedInformerFactory(client, 0).ForResource(resource).Informer()
	}
	if mode == "protobuf" {
		config.AcceptContentTypes, config.ContentType = "application/vnd.kubernetes.protobuf,application/json", "application/vnd.kubernetes.protobuf"
	}
	client, err := kubernetes.NewForConfig(config)
	must(err)
	return informers.NewSharedInformerFactory(client, 0).Core().V1().Pods().Informer()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
