package main

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// representation is what a client asked for: a kind in an encoding.
type representation struct {
	apiVersion, kind string
	protobuf, custom bool
}

var (
	pod    = representation{apiVersion: "v1", kind: "Pod"}
	custom = representation{apiVersion: "bench.example.com/v1", kind: "BenchPod", custom: true}
)

const protobufType = "application/vnd.kubernetes.protobuf"

// negotiate is rep in the encoding that the request prefers, and its Content-Type. Custom resources are JSON only.
func negotiate(r *http.Request, rep representation) (representation, string) {
	if !rep.custom && strings.HasPrefix(r.Header.Get("Accept"), protobufType) {
		rep.protobuf = true
		return rep, protobufType
	}
	return rep, "application/json"
}

func (rep representation) form(it *item) *form {
	switch {
	case rep.protobuf:
		return &it.protobuf
	case rep.custom:
		return &it.custom
	}
	return &it.json
}

// appendObject appends the object with this resourceVersion; done changes its label "bench" to "done".
func (f *form) appendObject(b []byte, version int, done bool) []byte {
	start := len(b)
	b = append(b, f.bytes...)
	strconv.AppendInt(b[start+f.version:start+f.version], int64(version), 10)
	if done {
		copy(b[start+f.label:], "done")
	}
	return b
}

func field(b []byte, tag byte, n int) []byte   { return binary.AppendUvarint(append(b, tag), uint64(n)) }
func text(b []byte, tag byte, s string) []byte { return append(field(b, tag, len(s)), s...) }
func varintBytes(n int) int {
	bytes := 1
	for ; n >= 128; n >>= 7 {
		bytes++
	}
	return bytes
}

// envelope appends "k8s\0" and the head of a runtime.Unknown whose raw holds n bytes.
func envelope(b []byte, apiVersion, kind string, n int) []byte {
	typeMeta := text(text(nil, 0x0a, apiVersion), 0x12, kind)
	b = append(b, "k8s\x00"...)
	b = append(field(b, 0x0a, len(typeMeta)), typeMeta...)
	return field(b, 0x12, n)
}

var envelopeEnd = []byte{0x1a, 0x00, 0x22, 0x00} // contentEncoding "", contentType ""

var heads = sync.Pool{New: func() any { b := make([]byte, 0, 256); return &b }}

// protobufEvent appends a watch event whose object is n bytes long.
func protobufEvent(b []byte, apiVersion, kind, eventType string, n int, object func([]byte) []byte) []byte {
	pooled := heads.Get().(*[]byte)
	head := envelope((*pooled)[:0], apiVersion, kind, n)
	raw := len(head) + n + len(envelopeEnd)
	extension := 1 + varintBytes(raw) + raw
	total := 2 + len(eventType) + 1 + varintBytes(extension) + extension
	b = binary.BigEndian.AppendUint32(b, uint32(total))
	b = text(b, 0x0a, eventType)
	b = field(b, 0x12, extension)
	b = field(b, 0x0a, raw)
	b = append(b, head...)
	b = append(object(b), envelopeEnd...)
	*pooled = head
	heads.Put(pooled)
	return b
}

func (rep representation) event(b []byte, eventType string, f *form, version int, done bool) []byte {
	if rep.protobuf {
		return protobufEvent(b, rep.apiVersion, rep.kind, eventType, len(f.bytes), func(b []byte) []byte { return f.appendObject(b, version, done) })
	}
	b = append(append(append(b, `{"type":"`...), eventType...), `","object":`...)
	if !rep.custom { // an object of a list has no kind of its own, that of an event has
		b = append(append(append(append(append(b, `{"kind":"`...), rep.kind...), `","apiVersion":"`...), rep.apiVersion...), '"')
		brace := len(b)
		b = f.appendObject(b, version, done) // its "{" becomes the comma
		b[brace] = ','
		return append(b, "}\n"...)
	}
	return append(f.appendObject(b, version, done), "}\n"...)
}

// bookmark appends a bookmark; initialEnd marks the end of the initial events of a WatchList.
func (rep representation) bookmark(b []byte, version int, initialEnd bool) []byte {
	if rep.protobuf { // Pod{metadata: {resourceVersion = 6, annotations = 12}}
		metadata := text(nil, 0x32, strconv.Itoa(version))
		if initialEnd {
			metadata = text(metadata, 0x62, string(text(text(nil, 0x0a, metav1.InitialEventsAnnotationKey), 0x12, "true")))
		}
		object := text(nil, 0x0a, string(metadata))
		return protobufEvent(b, rep.apiVersion, rep.kind, "BOOKMARK", len(object), func(b []byte) []byte { return append(b, object...) })
	}
	annotations := ""
	if initialEnd {
		annotations = `,"annotations":{"` + metav1.InitialEventsAnnotationKey + `":"true"}`
	}
	rest := `,"spec":{"containers":null},"status":{}`
	if rep.custom {
		rest = ""
	}
	return fmt.Appendf(b, `{"type":"BOOKMARK","object":{"kind":%q,"apiVersion":%q,"metadata":{"resourceVersion":"%d","creationTimestamp":null%s}%s}}`+"\n",
		rep.kind, rep.apiVersion, version, annotations, rest)
}

// expired appends the event by which a server says that the watch's version is too old.
func (rep representation) expired(b []byte) []byte {
	status := metav1.Status{Status: "Failure", Message: "too old resource version: 1 (2)", Reason: metav1.StatusReasonExpired, Code: http.StatusGone}
	if rep.protobuf {
		object, err := status.Marshal()
		must(err)
		return protobufEvent(b, "v1", "Status", "ERROR", len(object), func(b []byte) []byte { return append(b, object...) })
	}
	return fmt.Appendf(b, `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":%q,"message":%q,"reason":%q,"code":%d}}`+"\n",
		status.Status, status.Message, status.Reason, status.Code)
}

// listHead is the head of a list, up to its first item; bytes is the length of its items in protobuf.
func (rep representation) listHead(b []byte, version int, next string, remaining, bytes int) []byte {
	if rep.protobuf {
		metadata := text(nil, 0x12, strconv.Itoa(version))
		if next != "" {
			metadata = binary.AppendUvarint(append(text(metadata, 0x1a, next), 0x20), uint64(remaining))
		}
		b = envelope(b, rep.apiVersion, rep.kind+"List", 1+varintBytes(len(metadata))+len(metadata)+bytes)
		return append(field(b, 0x0a, len(metadata)), metadata...)
	}
	b = fmt.Appendf(b, `{"kind":"%sList","apiVersion":%q,"metadata":{"resourceVersion":"%d"`, rep.kind, rep.apiVersion, version)
	if next != "" {
		b = fmt.Appendf(b, `,"continue":%q,"remainingItemCount":%d`, next, remaining)
	}
	return append(b, `},"items":[`...)
}
