// Command table prints what the Go structs of the Kubernetes API know about their protobuf form: one text for each Go
// package that holds built-in kinds, as a JSON object. packages/api/src/protobuf/message-type.ts reads the texts.
//
// usage: table                                 prints the tables
//
//	table kinds                           prints the name of every kind that has a protobuf form, one a line
//	table objects SEED COUNT [KIND…]      prints COUNT random objects of each kind, one a line, as protobuf and as JSON
//	table compare KIND                    reads pairs of messages, and tells of each pair whether Go reads both as equal
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	admissionregistrationv1alpha1 "k8s.io/api/admissionregistration/v1alpha1"
	admissionregistrationv1beta1 "k8s.io/api/admissionregistration/v1beta1"
	apiserverinternalv1alpha1 "k8s.io/api/apiserverinternal/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	certificatesv1alpha1 "k8s.io/api/certificates/v1alpha1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	coordinationv1 "k8s.io/api/coordination/v1"
	coordinationv1alpha2 "k8s.io/api/coordination/v1alpha2"
	coordinationv1beta1 "k8s.io/api/coordination/v1beta1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	networkingv1beta1 "k8s.io/api/networking/v1beta1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	resourcev1alpha3 "k8s.io/api/resource/v1alpha3"
	resourcev1beta1 "k8s.io/api/resource/v1beta1"
	resourcev1beta2 "k8s.io/api/resource/v1beta2"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	storagev1beta1 "k8s.io/api/storage/v1beta1"
	storagemigrationv1beta1 "k8s.io/api/storagemigration/v1beta1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// special are the types whose JSON or protobuf form their struct tags do not tell, with their letters.
var special = map[string]string{
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                                             "t",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":                                        "u",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                                         "f",
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                                         "q",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                                       "n",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                                          "r",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                         "r",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":        "e",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":       "a",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray": "k",
}

var scalars = map[reflect.Kind]string{
	reflect.String: "s", reflect.Bool: "b", reflect.Int32: "i", reflect.Int64: "l", reflect.Float64: "d",
}

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	message   = reflect.TypeFor[interface{ Marshal() ([]byte, error) }]()
)

type writer struct {
	lines map[string]map[string]string
	needs map[string]map[string]bool
}

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case "":
		tables(served())
	case "kinds":
		printKinds(newCodec(served()))
	case "objects":
		printObjects(newCodec(served()), os.Args[2:])
	case "compare":
		compare(newCodec(served()), os.Args[2:])
	default:
		fail("there is no command %q", command)
	}
}

func served() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistrationv1.AddToScheme, admissionregistrationv1alpha1.AddToScheme, admissionregistrationv1beta1.AddToScheme,
		apiserverinternalv1alpha1.AddToScheme, appsv1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme,
		autoscalingv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, certificatesv1.AddToScheme,
		certificatesv1alpha1.AddToScheme, certificatesv1beta1.AddToScheme, coordinationv1.AddToScheme,
		coordinationv1alpha2.AddToScheme, coordinationv1beta1.AddToScheme, corev1.AddToScheme, discoveryv1.AddToScheme,
		eventsv1.AddToScheme, flowcontrolv1.AddToScheme, networkingv1.AddToScheme, networkingv1beta1.AddToScheme,
		nodev1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme, resourcev1.AddToScheme, resourcev1alpha3.AddToScheme,
		resourcev1beta1.AddToScheme, resourcev1beta2.AddToScheme, schedulingv1.AddToScheme,
		storagev1.AddToScheme, storagev1beta1.AddToScheme, storagemigrationv1beta1.AddToScheme,
		apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme, ofThisRelease,
	} {
		if err := add(scheme); err != nil {
			fail("adding to the scheme: %v", err)
		}
	}
	return scheme
}

func tables(scheme *runtime.Scheme) {
	w := writer{lines: map[string]map[string]string{}, needs: map[string]map[string]bool{}}
	groups := map[string]string{}
	for gvk, goType := range scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || goType.PkgPath() == "k8s.io/apimachinery/pkg/apis/meta/v1" {
			continue
		}
		w.reference("", goType)
		groups[gvk.GroupVersion().String()] = short(goType)
	}
	for _, object := range []any{metav1.Status{}, metav1.DeleteOptions{}, metav1.PartialObjectMetadata{}, metav1.PartialObjectMetadataList{}, metav1.ListMeta{}, metav1.WatchEvent{}} {
		w.reference("", reflect.TypeOf(object))
	}
	packages := map[string]any{}
	for name, types := range w.lines {
		lines := []string{}
		for _, line := range types {
			lines = append(lines, line)
		}
		sort.Strings(lines)
		needs := []string{}
		for need := range w.needs[name] {
			needs = append(needs, need)
		}
		sort.Strings(needs)
		packages[name] = map[string]any{"text": strings.Join(lines, "\n"), "needs": needs}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"packages": packages, "groups": groups}); err != nil {
		fail("%v", err)
	}
}

// short is the name of a package here: apps/v1 for k8s.io/api/apps/v1.
func short(goType reflect.Type) string {
	parts := strings.Split(goType.PkgPath(), "/")
	return strings.Join(parts[len(parts)-2:], "/")
}

// reference describes a type as a field of a type in package from, and sees to it that what it names has a line.
func (w *writer) reference(from string, goType reflect.Type) string {
	path := goType.PkgPath() + "." + goType.Name()
	if letter, ok := special[path]; ok {
		if strings.Contains("eak", letter) {
			w.reference(from, reflect.TypeFor[apiextensionsv1.JSONSchemaProps]())
		}
		return letter
	}
	if reflect.PointerTo(goType).Implements(marshaler) {
		fail("%s has a JSON form of its own that is not known here", path)
	}
	if letter, ok := scalars[goType.Kind()]; ok {
		return letter
	}
	switch goType.Kind() {
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		if reflect.PointerTo(goType).Implements(message) {
			return "<" + w.reference(from, noPointer(goType.Elem()))
		}
		return "[" + w.reference(from, noPointer(goType.Elem()))
	case reflect.Map:
		if goType.Key().Kind() != reflect.String {
			fail("%s: map keys are %s", path, goType.Key())
		}
		return "{" + w.reference(from, noPointer(goType.Elem()))
	case reflect.Struct:
		own := short(goType)
		w.describe(own, goType)
		if from == own {
			return goType.Name()
		}
		if from != "" {
			if w.needs[from] == nil {
				w.needs[from] = map[string]bool{}
			}
			w.needs[from][own] = true
		}
		return own + "." + goType.Name()
	}
	fail("%s: kind %s is not known here", path, goType.Kind())
	return ""
}

func (w *writer) describe(own string, goType reflect.Type) {
	if w.lines[own] == nil {
		w.lines[own] = map[string]string{}
	}
	if _, seen := w.lines[own][goType.Name()]; seen {
		return
	}
	w.lines[own][goType.Name()] = goType.Name()
	line := goType.Name()
	for i := range goType.NumField() {
		f := goType.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || !tagged || name == "-" || noPointer(f.Type).Kind() == reflect.Interface {
			continue
		}
		protobuf := f.Tag.Get("protobuf")
		if name == "" && f.Anonymous && protobuf == "" {
			continue // TypeMeta: in the envelope
		}
		number := 0
		if protobuf != "" && protobuf != "-" {
			parsed, err := strconv.Atoi(strings.Split(protobuf, ",")[1])
			if err != nil {
				fail("%s.%s: %v", goType, f.Name, err)
			}
			number = parsed
		}
		flags := ""
		if f.Type.Kind() == reflect.Pointer {
			flags += "p"
		}
		for _, option := range strings.Split(options, ",") {
			switch option {
			case "", "inline":
			case "omitempty":
				flags += "o"
			case "omitzero":
				flags += "z"
			default:
				fail("%s.%s: json option %q is not known here", goType, f.Name, option)
			}
		}
		line += fmt.Sprintf(" %s=%d%s:%s", name, number, flags, w.reference(own, noPointer(f.Type)))
	}
	w.lines[own][goType.Name()] = line
}

func noPointer(goType reflect.Type) reflect.Type {
	if goType.Kind() == reflect.Pointer {
		return goType.Elem()
	}
	return goType
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "table: "+format+"\n", args...)
	os.Exit(1)
}
