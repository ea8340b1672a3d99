package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

// sample is an object in protobuf, with its envelope, and the JSON of what reading it gives.
type sample struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Protobuf   string          `json:"protobuf"`
	JSON       json.RawMessage `json:"json"`
	// Again is what Go writes once it has read the JSON, where JSON loses something: bytes that are empty and not absent, for one.
	Again string `json:"again,omitempty"`
	// Respelled: raw JSON in it is spelled in a way that is not JavaScript's, so that Go must tell whether what came back is equal.
	Respelled bool `json:"respelled,omitempty"`
}

// codec writes and reads objects of every kind as a server does.
type codec struct {
	scheme     *runtime.Scheme
	serializer *protobuf.Serializer
}

func newCodec(scheme *runtime.Scheme) codec {
	metav1.AddMetaToScheme(scheme)
	return codec{scheme, protobuf.NewSerializer(scheme, scheme)}
}

// kinds are those that a server sends or takes as a whole: all that have metadata, and what all groups share.
func (c codec) kinds() []schema.GroupVersionKind {
	kinds := []schema.GroupVersionKind{}
	for gvk, goType := range c.scheme.AllKnownTypes() {
		_, hasMetadata := goType.FieldByName("ObjectMeta")
		_, isList := goType.FieldByName("ListMeta")
		if gvk.Version == runtime.APIVersionInternal || !hasMetadata && !isList && gvk.Kind != "DeleteOptions" {
			continue
		}
		if goType.PkgPath() == reflect.TypeFor[metav1.Status]().PkgPath() && (gvk.Kind == "Table" || gvk.Group != "meta.k8s.io" && gvk.Group != "") {
			continue // tables are JSON alone; the others are the same types in each group
		}
		kinds = append(kinds, gvk)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	return kinds
}

func (c codec) write(object runtime.Object, gvk schema.GroupVersionKind) []byte {
	object.GetObjectKind().SetGroupVersionKind(gvk)
	var wire bytes.Buffer
	if err := c.serializer.Encode(object, &wire); err != nil {
		fail("%s: %v", gvk, err)
	}
	return wire.Bytes()
}

// toJSON reads an object in protobuf and writes it as JSON.
func (c codec) toJSON(wire []byte) []byte {
	read, _, err := c.serializer.Decode(wire, nil, nil)
	if err != nil {
		fail("%v", err)
	}
	gvk := read.GetObjectKind().GroupVersionKind()
	read.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // else raw JSON changes its spelling
	if err := encoder.Encode(read); err != nil {
		fail("%s: %v", gvk, err)
	}
	return bytes.TrimSpace(text.Bytes())
}

// sampleOf makes an object. It depends on nothing but seed, kind and index.
func (c codec) sampleOf(gvk schema.GroupVersionKind, seed uint64, index int) sample {
	hash := fnv.New64a()
	hash.Write([]byte(gvk.String()))
	random := &filler{
		Rand:     rand.New(rand.NewPCG(seed, hash.Sum64()+uint64(index))),
		fullness: fullnesses[index%len(fullnesses)],
		open:     map[reflect.Type]int{},
	}
	object := c.empty(gvk)
	random.fill(reflect.ValueOf(object).Elem())
	wire := c.write(object, gvk)
	text := c.toJSON(wire)
	fromJSON := c.empty(gvk)
	if err := json.Unmarshal(text, fromJSON); err != nil {
		fail("%s: %v", gvk, err)
	}
	made := sample{
		APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind,
		Protobuf: base64.StdEncoding.EncodeToString(wire), JSON: text, Respelled: random.respelled,
	}
	if again := c.write(fromJSON, gvk); !bytes.Equal(again, wire) {
		made.Again = base64.StdEncoding.EncodeToString(again)
	}
	return made
}

func (c codec) empty(gvk schema.GroupVersionKind) runtime.Object {
	object, err := c.scheme.New(gvk)
	if err != nil {
		fail("%v", err)
	}
	return object
}

// printObjects prints COUNT random objects of every kind, or of those that are named as `apps/v1/Deployment`.
func printObjects(c codec, args []string) {
	if len(args) < 2 {
		fail("usage: table objects SEED COUNT [KIND…]")
	}
	seed, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		fail("SEED must be an integer of at least 0, got %q", args[0])
	}
	count, err := strconv.Atoi(args[1])
	if err != nil {
		fail("COUNT must be an integer, got %q", args[1])
	}
	wanted := map[string]bool{}
	for _, name := range args[2:] {
		wanted[name] = true
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, gvk := range c.kinds() {
		if len(wanted) > 0 && !wanted[nameOf(gvk)] {
			continue
		}
		for index := range count {
			if err := encoder.Encode(c.sampleOf(gvk, seed, index)); err != nil {
				fail("%v", err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		fail("%v", err)
	}
}

func nameOf(gvk schema.GroupVersionKind) string { return gvk.GroupVersion().String() + "/" + gvk.Kind }

// printKinds prints the name of every kind.
func printKinds(c codec) {
	out := bufio.NewWriter(os.Stdout)
	for _, gvk := range c.kinds() {
		out.WriteString(nameOf(gvk) + "\n")
	}
	if err := out.Flush(); err != nil {
		fail("%v", err)
	}
}

// compare reads pairs of messages of a kind, and prints for each pair `same`, or what Go reads of either.
func compare(c codec, args []string) {
	kinds := c.kinds()
	at := slices.IndexFunc(kinds, func(gvk schema.GroupVersionKind) bool { return len(args) == 1 && nameOf(gvk) == args[0] })
	if at < 0 {
		fail("usage: table compare KIND, where KIND is one of those that table kinds prints")
	}
	read := func(message []byte) (runtime.Object, []byte) {
		object := c.empty(kinds[at])
		if err := object.(interface{ Unmarshal([]byte) error }).Unmarshal(message); err != nil {
			fail("%s: %v", kinds[at], err)
		}
		text, err := json.Marshal(object)
		if err != nil {
			fail("%s: %v", kinds[at], err)
		}
		return object, text
	}
	pairs := json.NewDecoder(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for pairs.More() {
		var pair [2][]byte
		if err := pairs.Decode(&pair); err != nil {
			fail("%v", err)
		}
		left, leftText := read(pair[0])
		right, rightText := read(pair[1])
		if reflect.DeepEqual(left, right) || sameJSON(leftText, rightText) {
			out.WriteString("same\n")
		} else {
			out.WriteString(string(leftText) + " is not " + string(rightText) + "\n")
		}
	}
	if err := out.Flush(); err != nil {
		fail("%v", err)
	}
}

// sameJSON tells whether two texts say the same to a reader of JSON.
func sameJSON(a, b []byte) bool {
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && reflect.DeepEqual(left, right)
}
