package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand"
	"reflect"
	"sort"
	"strings"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonserializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// wireVector is an object in protobuf, and the JSON of what reading it gives.
type wireVector struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Protobuf   string          `json:"protobuf"`
	JSON       json.RawMessage `json:"json"`
}

// readVector is a JSON document, and what a strict reader makes of it.
type readVector struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Input      string          `json:"input"`
	JSON       json.RawMessage `json:"json,omitempty"`
	Error      string          `json:"error,omitempty"`
}

type textVector struct {
	Input  string `json:"input"`
	Output string `json:"output,omitempty"`
	Error  string `json:"error,omitempty"`
}

type allVectors struct {
	Wire       []wireVector  `json:"wire"`
	Read       []readVector  `json:"read"`
	Patches    []patchVector `json:"patches"`
	Quantities []textVector  `json:"quantities"`
	Times      []textVector  `json:"times"`
	MicroTimes []textVector  `json:"microTimes"`
}

// sampled are the kinds whose wire form is sampled, with how full their objects are.
var sampled = map[string][]float64{
	"v1 Pod":                                   {0.02, 0.3, 0.4},
	"v1 Service":                               {0.1, 0.6},
	"v1 ConfigMap":                             {0, 1},
	"v1 Secret":                                {0, 1},
	"v1 Namespace":                             {0.3},
	"v1 Node":                                  {0.6},
	"v1 Event":                                 {0.6},
	"v1 Endpoints":                             {0.6},
	"v1 ServiceAccount":                        {0.6},
	"v1 PersistentVolume":                      {0.3},
	"v1 PersistentVolumeClaim":                 {0.4},
	"v1 ResourceQuota":                         {0.5},
	"v1 LimitRange":                            {0.6},
	"v1 DeleteOptions":                         {0, 1},
	"v1 Status":                                {0.7},
	"v1 ConfigMapList":                         {0.6},
	"v1 Binding":                               {0.5},
	"apps/v1 Deployment":                       {0, 0.35},
	"apps/v1 StatefulSet":                      {0.15},
	"apps/v1 DaemonSet":                        {0.1},
	"apps/v1 ControllerRevision":               {0.6},
	"batch/v1 Job":                             {0.3},
	"batch/v1 CronJob":                         {0.15},
	"autoscaling/v2 HorizontalPodAutoscaler":   {0.4},
	"autoscaling/v1 Scale":                     {0.7},
	"policy/v1 PodDisruptionBudget":            {0.6},
	"policy/v1 Eviction":                       {0.6},
	"networking.k8s.io/v1 Ingress":             {0.6},
	"networking.k8s.io/v1 NetworkPolicy":       {0.5},
	"rbac.authorization.k8s.io/v1 ClusterRole": {0.7},
	"coordination.k8s.io/v1 Lease":             {0, 1},
	"discovery.k8s.io/v1 EndpointSlice":        {0.6},
	"events.k8s.io/v1 Event":                   {0.8},
	"storage.k8s.io/v1 StorageClass":           {0.7},
	"certificates.k8s.io/v1 CertificateSigningRequest":               {0.8},
	"authorization.k8s.io/v1 SelfSubjectAccessReview":                {0.8},
	"authentication.k8s.io/v1 TokenRequest":                          {0.8},
	"authentication.k8s.io/v1 TokenReview":                           {0.9},
	"apiextensions.k8s.io/v1 CustomResourceDefinition":               {0.3},
	"admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": {0.5},
	"resource.k8s.io/v1 ResourceSlice":                               {0.3},
	"flowcontrol.apiserver.k8s.io/v1 FlowSchema":                     {0.6},
}

func vectors(scheme *runtime.Scheme) any {
	return allVectors{
		Wire:       wireVectors(scheme),
		Read:       readVectors(scheme),
		Patches:    patchVectors(scheme),
		Quantities: quantityVectors(),
		Times:      timeVectors(func() json.Unmarshaler { return &metav1.Time{} }),
		MicroTimes: timeVectors(func() json.Unmarshaler { return &metav1.MicroTime{} }),
	}
}

func wireVectors(scheme *runtime.Scheme) []wireVector {
	serializer := protobuf.NewSerializer(scheme, scheme)
	names := make([]string, 0, len(sampled))
	for name := range sampled {
		names = append(names, name)
	}
	sort.Strings(names)
	random := &filler{rand.New(rand.NewSource(1))}
	result := []wireVector{}
	for _, name := range names {
		apiVersion, kind, _ := strings.Cut(name, " ")
		gvk := schema.FromAPIVersionAndKind(apiVersion, kind)
		for _, fullness := range sampled[name] {
			object, err := scheme.New(gvk)
			if err != nil {
				fail("%v", err)
			}
			random.fill(reflect.ValueOf(object).Elem(), fullness, 0)
			object.GetObjectKind().SetGroupVersionKind(gvk)
			var wire bytes.Buffer
			if err := serializer.Encode(object, &wire); err != nil {
				fail("%s: %v", name, err)
			}
			read, _, err := serializer.Decode(wire.Bytes(), nil, nil)
			if err != nil {
				fail("%s: %v", name, err)
			}
			read.GetObjectKind().SetGroupVersionKind(gvk)
			text, err := json.Marshal(read)
			if err != nil {
				fail("%s: %v", name, err)
			}
			result = append(result, wireVector{apiVersion, kind, base64.StdEncoding.EncodeToString(wire.Bytes()), text})
		}
	}
	return result
}

// filler fills structures with values that are the same in every run.
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
	case *apiextensions.JSON:
		target.Raw = []byte([]string{`"x"`, `{"a":1}`, `[1,2]`, `3`, `true`}[f.Intn(5)])
		return
	case *apiextensions.JSONSchemaPropsOrBool:
		target.Allows = true
		return
	case *apiextensions.JSONSchemaPropsOrArray:
		target.Schema = &apiextensions.JSONSchemaProps{Type: "string"}
		return
	case *apiextensions.JSONSchemaPropsOrStringArray:
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
			v.SetBytes([]byte(f.word()))
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

func readVectors(scheme *runtime.Scheme) []readVector {
	strict := jsonserializer.NewSerializerWithOptions(jsonserializer.DefaultMetaFactory, scheme, scheme, jsonserializer.SerializerOptions{Strict: true})
	result := []readVector{}
	for _, input := range inputs {
		gvk := schema.FromAPIVersionAndKind(input.apiVersion, input.kind)
		vector := readVector{APIVersion: input.apiVersion, Kind: input.kind, Input: input.text}
		object, _, err := strict.Decode([]byte(input.text), &gvk, nil)
		if err != nil {
			vector.Error = err.Error()
		}
		if object != nil && (err == nil || runtime.IsStrictDecodingError(err)) {
			object.GetObjectKind().SetGroupVersionKind(gvk)
			if vector.JSON, err = json.Marshal(object); err != nil {
				fail("%v", err)
			}
		}
		result = append(result, vector)
	}
	return result
}

func quantityVectors() []textVector {
	texts := []string{".", "m", "-", "+", "+5", "-5m", "-0", "00012", "1.", ".5", "1.G", "x", "1x", "1 ", "", "1e", "1E", "1e+3", "1e-3", "1E3", "1e10", "12e6", "1000e3"}
	for _, number := range []string{"0", "1", "8", "10", "100", "999", "1000", "1024", "1536", "1500", "2048", "1000000", "0.5", "0.001", "1.5", "1.500", "12.345678", "0.0000000001", "123456789012345678901"} {
		for _, suffix := range []string{"", "n", "u", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-2", "E6"} {
			texts = append(texts, number+suffix)
		}
	}
	result := []textVector{}
	for _, text := range texts {
		parsed, err := resource.ParseQuantity(text)
		if err != nil {
			result = append(result, textVector{Input: text, Error: err.Error()})
			continue
		}
		result = append(result, textVector{Input: text, Output: parsed.String()})
	}
	return result
}

func timeVectors(empty func() json.Unmarshaler) []textVector {
	result := []textVector{}
	for _, text := range []string{
		"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.1234567Z", "2024-01-02T03:04:05.1Z",
		"2024-01-02T03:04:05,123456Z", "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05.000000-11:30", "2024-02-30T00:00:00Z",
		"2024-02-29T00:00:00.000001Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z",
		"2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01", "2024-01-01T00:00:00",
		"2024-01-01t00:00:00Z", "2024-01-01 00:00:00Z", "yesterday", "", "24-01-01T00:00:00Z", "2024-1-1T00:00:00Z",
		"2024-01-01T00:00:00Zjunk", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-01-01T00:00:00+25:00",
		"2024-01-01T00:00:00+01:61", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00z", "2024-01-01T00:00:00.Z", "2024-01-01T0:00:00Z",
		"0000-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00",
	} {
		value := empty()
		quoted, _ := json.Marshal(text)
		if err := value.UnmarshalJSON(quoted); err != nil {
			result = append(result, textVector{Input: text, Error: err.Error()})
			continue
		}
		output, err := json.Marshal(value)
		if err != nil {
			fail("%s: %v", text, err)
		}
		result = append(result, textVector{Input: text, Output: string(output)})
	}
	return result
}
