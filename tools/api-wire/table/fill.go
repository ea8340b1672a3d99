package main

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// filler fills structures with values drawn from a seeded source.
type filler struct {
	*rand.Rand
	// fullness is how likely a field is filled.
	fullness float64
	// open counts the structures of each type that are being filled: types that hold themselves would never end.
	open map[reflect.Type]int
	// respelled is set once raw JSON was drawn that JavaScript spells in another way.
	respelled bool
}

// fullnesses take turns: objects with nothing but what is always written, and objects with every field.
var fullnesses = []float64{0, 0.1, 0.3, 0.6, 1}

// words are texts that writers and readers of protobuf and JSON are known to get wrong.
var words = []string{
	"", "a", "web", "nginx:1.25", "größe", "x.y/z", "日本", "<&>", "0", "10", "9", "-1", "true", "null", "__proto__", "constructor",
	"😀", "\uff01", "\ufeffbom", "\u2028", "quote\"back\\slash", "line\nend\ttab\r", "\x00\x1f\x7f", " ",
	strings.Repeat("l", 127), strings.Repeat("l", 128), strings.Repeat("ü", 100),
}

var quantities = []string{
	"1", "100m", "1500m", "2Gi", "1024Mi", "0", "1e3", "0.5", "-3", "1.5Gi", "1u", "3n", "9223372036854775807", "1E", "2Pi", "-1.25",
	"123456789012345678901234567890", "0.000000001", "5k",
}

// int64s end where JavaScript's integers do: what is beyond is rounded there, and never written back.
var int64s = []int64{0, 1, -1, 80, 127, 128, 1<<31 - 1, 1 << 31, -1 << 31, 1<<32 - 1, 1 << 32, -1<<32 - 1, 1 << 40, 1<<53 - 1, -1<<53 + 1}
var int32s = []int64{0, 1, -1, 80, 127, 128, 16383, 16384, 1<<31 - 1, -1 << 31}
var floats = []float64{0, 0.5, -2, 1e10, 1e21, 1e-7, 0.1, math.MaxFloat64, math.SmallestNonzeroFloat64}

func (f *filler) word() string {
	switch f.IntN(8) {
	case 0:
		letters := make([]rune, f.IntN(12))
		for i := range letters {
			for letters[i] = -1; !utf8.ValidRune(letters[i]); letters[i] = f.Int32N([]int32{0x80, 0x800, 0x10000, 0x110000}[f.IntN(4)]) {
			}
		}
		return string(letters)
	case 1:
		if f.IntN(200) == 0 {
			return strings.Repeat("long ", 3300) // a length of three bytes
		}
	}
	return words[f.IntN(len(words))]
}

func (f *filler) bytes() []byte {
	if f.IntN(8) == 0 {
		return nil
	}
	drawn := make([]byte, f.IntN(9))
	for i := range drawn {
		drawn[i] = byte(f.IntN(256))
	}
	return drawn
}

// raw is JSON that an object holds as it was sent. Go keeps its spelling. JavaScript reads a value and spells it in its own way, so that
// only what is spelled like that comes back as the same bytes.
func (f *filler) raw() []byte {
	texts := []string{
		`{"b":[1,"x",null],"a":{"c":1.5}}`, `{}`, `{"kind":"Widget","spec":{"größe":"日本","list":[],"deep":[[{"a":[true,false]}]]}}`,
		`"x"`, `""`, `[1,2]`, `3`, `0`, `false`, `null`, `-0.25`, `true`, `"<&>"`, `1e+21`, `{"":""}`,
	}
	if f.IntN(10) == 0 {
		f.respelled = true
		texts = []string{`{"b": 1, "a" : [ ]}`, `{"10":1,"9":2,"a":3}`, `{"a":1.0,"b":1e3}`, `"\u003c\u00fc"`, ` [1 , 2]`}
	}
	return []byte(texts[f.IntN(len(texts))])
}

func (f *filler) seconds() int64 {
	const never, year9999 = -62135596800, 253402300799
	return []int64{0, 1, -1, f.Int64N(4_000_000_000), f.Int64N(year9999), never, never + 1, -f.Int64N(62_000_000_000)}[f.IntN(8)]
}

func (f *filler) schema() *apiextensionsv1.JSONSchemaProps {
	schema := &apiextensionsv1.JSONSchemaProps{}
	if f.mayOpen(reflect.TypeOf(*schema)) {
		f.fill(reflect.ValueOf(schema).Elem())
	}
	return schema
}

// fillOwnForm fills the types whose JSON form is one of their own.
func (f *filler) fillOwnForm(value any) bool {
	switch target := value.(type) {
	case *metav1.TypeMeta:
	case *metav1.Time:
		*target = metav1.NewTime(time.Unix(f.seconds(), 0))
	case *metav1.MicroTime:
		*target = metav1.NewMicroTime(time.Unix(f.seconds(), f.Int64N(1_000_000)*1000))
	case *resource.Quantity:
		*target = resource.MustParse(quantities[f.IntN(len(quantities))])
	case *intstr.IntOrString:
		if f.IntN(2) == 0 {
			*target = intstr.FromInt32(int32(int32s[f.IntN(len(int32s))]))
		} else {
			*target = intstr.FromString(f.word())
		}
	case *metav1.FieldsV1:
		target.Raw = []byte([]string{`{}`, `{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`, `{"f:spec":{"k:{\"type\":\"Ready\"}":{}}}`}[f.IntN(3)])
	case *runtime.RawExtension:
		target.Raw = f.raw()
	case *apiextensionsv1.JSON:
		target.Raw = f.raw()
	case *apiextensionsv1.JSONSchemaPropsOrBool:
		target.Allows = f.IntN(2) == 0
		if f.IntN(2) == 0 {
			target.Allows, target.Schema = true, f.schema()
		}
	case *apiextensionsv1.JSONSchemaPropsOrArray:
		if f.IntN(2) == 0 {
			target.Schema = f.schema()
		} else {
			target.JSONSchemas = []apiextensionsv1.JSONSchemaProps{*f.schema(), *f.schema()}[:1+f.IntN(2)]
		}
	case *apiextensionsv1.JSONSchemaPropsOrStringArray:
		if f.IntN(2) == 0 {
			target.Schema = f.schema()
		} else {
			target.Property = []string{f.word(), f.word()}[:1+f.IntN(2)]
		}
	default:
		return false
	}
	return true
}

// mayOpen tells whether one more structure of a type may be filled within those that are.
func (f *filler) mayOpen(goType reflect.Type) bool {
	limit := 1
	if f.fullness < 0.5 {
		limit = 3
	}
	for goType.Kind() == reflect.Pointer || goType.Kind() == reflect.Slice || goType.Kind() == reflect.Map {
		goType = goType.Elem()
	}
	return f.open[goType] < limit
}

func (f *filler) fill(v reflect.Value) {
	if f.fillOwnForm(v.Addr().Interface()) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		f.open[v.Type()]++
		for i := range v.NumField() {
			field := v.Field(i)
			if field.CanSet() && (field.Kind() == reflect.Struct || f.Float64() < f.fullness) && f.mayOpen(field.Type()) {
				f.fill(field)
			}
		}
		f.open[v.Type()]--
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(f.bytes())
			return
		}
		size := f.size()
		v.Set(reflect.MakeSlice(v.Type(), size, size))
		for i := range size {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.size() {
			element := reflect.New(v.Type().Elem()).Elem()
			f.fill(element)
			v.SetMapIndex(reflect.ValueOf(f.word()).Convert(v.Type().Key()), element)
		}
	case reflect.String:
		v.SetString(f.word())
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int32:
		v.SetInt(int32s[f.IntN(len(int32s))])
	case reflect.Int64:
		v.SetInt(int64s[f.IntN(len(int64s))])
	case reflect.Float64:
		v.SetFloat(floats[f.IntN(len(floats))])
	default:
		fail("filling a %s", v.Type())
	}
}

// size of a list or map; the fuller an object, the shorter its lists, so that none grows without measure.
func (f *filler) size() int {
	if f.fullness > 0.5 {
		return 1
	}
	return f.IntN(4)
}
