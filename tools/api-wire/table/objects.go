package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// sample is an object in protobuf, with its envelope, and the JSON of what reading it gives.
type sample struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Protobuf   string          `json:"protobuf"`
	JSON       json.RawMessage `json:"json"`
}

// objects prints random objects of every kind that has metadata.
func objects(scheme *runtime.Scheme, args []string) {
	if len(args) != 3 || args[0] != "objects" {
		fail("usage: table | table objects SEED COUNT")
	}
	seed, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		fail("SEED must be an integer, got %q", args[1])
	}
	count, err := strconv.Atoi(args[2])
	if err != nil {
		fail("COUNT must be an integer, got %q", args[2])
	}
	kinds := []schema.GroupVersionKind{}
	for gvk, goType := range scheme.AllKnownTypes() {
		_, hasMetadata := goType.FieldByName("ObjectMeta")
		if gvk.Version != runtime.APIVersionInternal && hasMetadata {
			kinds = append(kinds, gvk)
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	serializer := protobuf.NewSerializer(scheme, scheme)
	random := &filler{rand.New(rand.NewSource(seed))}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, gvk := range kinds {
		for i := range count {
			object, err := scheme.New(gvk)
			if err != nil {
				fail("%v", err)
			}
			random.fill(reflect.ValueOf(object).Elem(), []float64{0, 0.1, 0.3, 0.5}[i%4], 0)
			object.GetObjectKind().SetGroupVersionKind(gvk)
			var wire bytes.Buffer
			if err := serializer.Encode(object, &wire); err != nil {
				fail("%s: %v", gvk, err)
			}
			read, _, err := serializer.Decode(wire.Bytes(), nil, nil)
			if err != nil {
				fail("%s: %v", gvk, err)
			}
			read.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
			text, err := json.Marshal(read)
			if err != nil {
				fail("%s: %v", gvk, err)
			}
			line := sample{gvk.GroupVersion().String(), gvk.Kind, base64.StdEncoding.EncodeToString(wire.Bytes()), text}
			if err := encoder.Encode(line); err != nil {
				fail("%v", err)
			}
		}
	}
}

// filler fills structures with values drawn from a seeded source.
type filler struct{ *rand.Rand }

var words = []string{"a", "web", "nginx:1.25", "größe", "x.y/z", "日本", "", "<&>", "long-" + strings.Repeat("l", 20)}
var quantities = []string{"1", "100m", "1500m", "2Gi", "1024Mi", "0", "1e3", "0.5", "-3", "1.5Gi"}

func (f *filler) word() string { return words[f.Intn(len(words))] }

func (f *filler) fill(v reflect.Value, fullness float64, depth int) {
	switch target := v.Addr().Interface().(type) {
	case *metav1.TypeMeta:
		return
	case *metav1.Time:
		*target = metav1.NewTime(time.Unix(f.Int63n(4_000_000_000), 0))
		return
	case *metav1.MicroTime:
		*target = metav1.NewMicroTime(time.Unix(f.Int63n(4_000_000_000), f.Int63n(1_000_000)*1000))
		return
	case *resource.Quantity:
		*target = resource.MustParse(quantities[f.Intn(len(quantities))])
		return
	case *intstr.IntOrString:
		if f.Intn(2) == 0 {
			*target = intstr.FromInt32(f.Int31n(100))
		} else {
			*target = intstr.FromString("25%")
		}
		return
	case *metav1.FieldsV1:
		target.Raw = []byte(`{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`)
		return
	case *runtime.RawExtension:
		target.Raw = []byte(`{"b":[1,"x",null],"a":{"c":1.5}}`)
		return
	case *apiextensionsv1.JSON:
		target.Raw = []byte([]string{`"x"`, `{"a":1}`, `[1,2]`, `3`, `true`}[f.Intn(5)])
		return
	case *apiextensionsv1.JSONSchemaPropsOrBool:
		target.Allows = true
		return
	case *apiextensionsv1.JSONSchemaPropsOrArray:
		target.Schema = &apiextensionsv1.JSONSchemaProps{Type: "string"}
		return
	case *apiextensionsv1.JSONSchemaPropsOrStringArray:
		target.Property = []string{"a", "b"}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			always := field.Kind() == reflect.Struct || field.Kind() == reflect.Slice && depth < 3
			if !field.CanSet() || (!always && f.Float64() >= fullness) {
				continue
			}
			f.fill(field, fullness, depth+1)
		}
	case reflect.Pointer:
		if depth > 12 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), fullness, depth)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(f.word() + "x")) // empty bytes are on the wire, but not in JSON
			return
		}
		size := 1 + f.Intn(2)
		if depth > 8 {
			size = f.Intn(2)
		}
		v.Set(reflect.MakeSlice(v.Type(), size, size))
		for i := range size {
			f.fill(v.Index(i), fullness, depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + f.Intn(2) {
			if depth > 8 {
				break
			}
			element := reflect.New(v.Type().Elem()).Elem()
			f.fill(element, fullness, depth+1)
			v.SetMapIndex(reflect.ValueOf(f.word()).Convert(v.Type().Key()), element)
		}
	case reflect.String:
		v.SetString(f.word())
	case reflect.Bool:
		v.SetBool(f.Intn(2) == 0)
	case reflect.Int32:
		v.SetInt([]int64{0, 1, -1, 80, 1<<31 - 1}[f.Intn(5)])
	case reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 80, 1 << 40}[f.Intn(5)])
	case reflect.Float64:
		v.SetFloat([]float64{0, 0.5, -2, 1e10}[f.Intn(4)])
	default:
		fail("filling a %s", v.Type())
	}
}
