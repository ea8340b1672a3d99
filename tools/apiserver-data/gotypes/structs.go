package main

import (
	"encoding/json"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// Flags of a field.
const (
	flagPointer   = 1
	flagOmitEmpty = 2
	flagOmitZero  = 4
	flagInline    = 8
)

// A field is [JSON name, index of its type, flags], and where it has them the patch strategies and the merge key of its strategic merge.
type field []any

// entry describes one Go type. Pointers are flags of the field, so they are no types of their own.
type entry struct {
	// struct, list, map, string, bool, int32, int64, float64, bytes, or the name of a type with a form of its own.
	Kind string `json:"k"`
	// How Go's messages call the type: v1.PodSpec, []v1.Container, map[string]string.
	Go string `json:"g"`
	// Definition name of a struct, as in OpenAPI.
	Name   string  `json:"n,omitempty"`
	Fields []field `json:"f,omitempty"`
	// Element of a list, value of a map.
	Element *int `json:"e,omitempty"`
}

type table struct {
	Types []entry                   `json:"types"`
	Kinds map[string]map[string]int `json:"kinds"`

	index map[reflect.Type]int
}

// special are the types whose JSON form their struct tags do not tell.
var special = map[string]string{
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                                             "time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":                                        "microTime",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                                         "fieldsV1",
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                                         "quantity",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                                       "intOrString",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                                          "rawExtension",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                         "json",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":        "schemaOrBool",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":       "schemaOrArray",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray": "schemaOrStringArray",
}

var (
	marshaler   = reflect.TypeFor[json.Marshaler]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

func newTable(scheme *runtime.Scheme) *table {
	t := &table{Kinds: map[string]map[string]int{}, index: map[reflect.Type]int{}}
	known := scheme.AllKnownTypes()
	kinds := make([]string, 0, len(known))
	types := map[string]reflect.Type{}
	for gvk, goType := range known {
		if gvk.Version == runtime.APIVersionInternal {
			continue
		}
		key := gvk.GroupVersion().String() + " " + gvk.Kind
		kinds = append(kinds, key)
		types[key] = goType
	}
	sort.Strings(kinds)
	for _, key := range kinds {
		groupVersion, kind, _ := strings.Cut(key, " ")
		if t.Kinds[groupVersion] == nil {
			t.Kinds[groupVersion] = map[string]int{}
		}
		t.Kinds[groupVersion][kind] = t.add(types[key])
	}
	return t
}

// add returns the index of a type, describing it when it is new.
func (t *table) add(goType reflect.Type) int {
	if at, seen := t.index[goType]; seen {
		return at
	}
	at := len(t.Types)
	t.index[goType] = at
	t.Types = append(t.Types, entry{})
	described := t.describe(goType)
	described.Go = goType.String()
	t.Types[at] = described
	return at
}

func (t *table) describe(goType reflect.Type) entry {
	path := goType.PkgPath() + "." + goType.Name()
	pointer := reflect.PointerTo(goType)
	if kind, ok := special[path]; ok {
		result := entry{Kind: kind}
		if strings.HasPrefix(kind, "schemaOr") {
			result.Fields = t.fields(goType)
		}
		return result
	}
	if pointer.Implements(marshaler) || pointer.Implements(unmarshaler) {
		fail("%s has a JSON form of its own that is not known here", path)
	}
	switch goType.Kind() {
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float64:
		return entry{Kind: goType.Kind().String()}
	case reflect.Uint8, reflect.Int:
		fail("%s: kind %s is not known here", path, goType.Kind())
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return entry{Kind: "bytes"}
		}
		element := t.add(noPointer(goType.Elem()))
		return entry{Kind: "list", Element: &element}
	case reflect.Map:
		if goType.Key().Kind() != reflect.String {
			fail("%s: map keys are %s", path, goType.Key())
		}
		element := t.add(noPointer(goType.Elem()))
		return entry{Kind: "map", Element: &element}
	case reflect.Struct:
		return entry{Kind: "struct", Name: definitionName(goType), Fields: t.fields(goType)}
	}
	fail("%s: kind %s is not known here", path, goType.Kind())
	return entry{}
}

func (t *table) fields(goType reflect.Type) []field {
	result := []field{}
	for i := range goType.NumField() {
		f := goType.Field(i)
		if !f.IsExported() {
			continue
		}
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		_, isSpecial := special[goType.PkgPath()+"."+goType.Name()]
		if (!tagged || name == "-") && !isSpecial {
			continue
		}
		flags := 0
		for _, option := range strings.Split(options, ",") {
			switch option {
			case "":
			case "omitempty":
				flags |= flagOmitEmpty
			case "omitzero":
				flags |= flagOmitZero
			case "inline":
				flags |= flagInline
			default:
				fail("%s.%s: json option %q is not known here", goType, f.Name, option)
			}
		}
		if name == "" && f.Anonymous {
			flags |= flagInline
		}
		if flags&flagInline != 0 && (name != "" || !f.Anonymous) {
			fail("%s.%s is inline without being embedded", goType, f.Name)
		}
		if f.Type.Kind() == reflect.Pointer {
			flags |= flagPointer
		}
		typed := noPointer(f.Type)
		if typed.Kind() == reflect.Interface {
			continue
		}
		described := field{name, t.add(typed), flags}
		if strategy, key := f.Tag.Get("patchStrategy"), f.Tag.Get("patchMergeKey"); strategy != "" || key != "" {
			described = append(described, strategy, key)
		}
		result = append(result, described)
	}
	return result
}

func noPointer(goType reflect.Type) reflect.Type {
	if goType.Kind() == reflect.Pointer {
		return goType.Elem()
	}
	return goType
}

// definitionName is the name of a Go type in OpenAPI documents: io.k8s.api.apps.v1.Deployment.
func definitionName(goType reflect.Type) string {
	domain, rest, _ := strings.Cut(goType.PkgPath(), "/")
	labels := strings.Split(domain, ".")
	for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
		labels[i], labels[j] = labels[j], labels[i]
	}
	return strings.Join(labels, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + goType.Name()
}
