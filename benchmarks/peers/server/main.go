// The server of the comparison: it impersonates as much of a Kubernetes API server as informers of pods need, at full speed.
// Every answer is glued from bytes that were encoded at start. One listener for each number of pods; it ends with its standard input.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

func main() {
	sizes := flag.String("pods", "50000", "numbers of pods, with commas between them")
	customs := flag.Int("custom", 0, "so many of the pods are served as a custom resource, too")
	sample := flag.Bool("sample", false, "print one pod as JSON and end")
	flag.Parse()
	if *sample {
		os.Stdout.Write(encode(12345, false).json.bytes)
		return
	}
	var counts []int
	most := 0
	for _, size := range strings.Split(*sizes, ",") {
		count, err := strconv.Atoi(size)
		must(err)
		counts = append(counts, count)
		most = max(most, count)
	}
	items := encodeAll(most, *customs)
	urls := map[string]string{}
	for _, count := range counts {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		urls[strconv.Itoa(count)] = "http://" + listener.Addr().String()
		go func() {
			must(http.Serve(listener, (&cluster{items: items[:count], version: firstVersion + count, watchers: map[*watcher]struct{}{}}).routes()))
		}()
	}
	var jsonBytes, protobufBytes int
	for _, it := range items {
		jsonBytes += len(it.json.bytes)
		protobufBytes += len(it.protobuf.bytes)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"urls": urls, "jsonBytesPerPod": jsonBytes / most, "protobufBytesPerPod": protobufBytes / most, "storedBytesPerPod": storedBytes(0)}))
	io.Copy(io.Discard, os.Stdin)
}

// encodeAll encodes pods on all processors.
func encodeAll(count, customs int) []item {
	items := make([]item, count)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				items[i] = encode(i, i < customs)
			}
		})
	}
	workers.Wait()
	return items
}

// storedBytes is the length of pod i as protobuf without its managedFields.
func storedBytes(i int) int {
	pod := generate(i)
	pod.ManagedFields = nil
	return pod.Size()
}

func (c *cluster) routes() *http.ServeMux {
	mux := http.NewServeMux()
	static := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintln(w, body)
		})
	}
	static("/version", `{"major":"1","minor":"37","gitVersion":"v1.37.2","platform":"linux/amd64"}`)
	static("/api", `{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]}`)
	static("/apis", `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"bench.example.com","versions":[{"groupVersion":"bench.example.com/v1","version":"v1"}],"preferredVersion":{"groupVersion":"bench.example.com/v1","version":"v1"}}]}`)
	static("/api/v1", `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","watch"],"shortNames":["po"]}]}`)
	static("/apis/bench.example.com/v1", `{"kind":"APIResourceList","groupVersion":"bench.example.com/v1","resources":[{"name":"benchpods","singularName":"benchpod","namespaced":true,"kind":"BenchPod","verbs":["get","list","watch"]}]}`)
	mux.HandleFunc("GET /api/v1/pods", func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, pod) })
	mux.HandleFunc("GET /apis/bench.example.com/v1/benchpods", func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, custom) })
	mux.HandleFunc("POST /bench/burst", func(w http.ResponseWriter, r *http.Request) {
		events, err := strconv.Atoi(r.URL.Query().Get("events"))
		must(err)
		c.send(func(from int) order { return order{from: from, events: events} }, events)
	})
	mux.HandleFunc("POST /bench/expire", func(w http.ResponseWriter, r *http.Request) {
		c.send(func(from int) order { return order{expire: true} }, len(c.items))
	})
	mux.HandleFunc("GET /bench/watches", func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		fmt.Fprintln(w, len(c.watchers))
	})
	return mux
}
