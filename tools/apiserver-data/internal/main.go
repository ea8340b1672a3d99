// Prints the shapes of the API server's internal types, which its messages show: field names, in order, with their types.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/apis/storage"
)

var roots = []any{
	core.PodTemplateSpec{}, core.PersistentVolumeClaimSpec{}, core.PersistentVolumeSpec{}, core.PersistentVolumeClaimStatus{},
	core.ResourceQuotaSpec{}, core.ScopedResourceSelectorRequirement{}, core.Taint{}, core.PodIP{}, core.HostIP{}, core.NodeSpec{},
	core.EndpointSubset{}, core.ObjectReference{},
	apps.DaemonSetUpdateStrategy{}, apps.DeploymentStrategy{}, apps.StatefulSetUpdateStrategy{}, apps.StatefulSetPersistentVolumeClaimRetentionPolicy{},
	autoscaling.MetricSpec{}, batch.JobSpec{}, batch.JobStatus{},
	networking.HTTPIngressPath{}, networking.IngressBackend{}, networking.NetworkPolicyPeer{}, networking.IngressClassParametersReference{},
	node.Overhead{}, policy.PodDisruptionBudgetSpec{}, core.EventSource{}, rbac.RoleRef{}, rbac.PolicyRule{}, rbac.Subject{},
	storage.CSIDriverSpec{}, storage.StorageClass{}, storage.CSINodeDriver{},
	admissionregistration.Rule{}, admissionregistration.AuditAnnotation{},
	flowcontrol.FlowSchemaSpec{}, flowcontrol.PriorityLevelConfigurationSpec{},
	networking.ParentReference{}, networking.ServiceCIDRSpec{}, storage.VolumeAttachmentSpec{},
	resource.ResourceClaimTemplateSpec{}, resource.DeviceAttribute{}, core.NodeSelectorTerm{},
}

// shape names the type as messages need it: `string`, `int`, `bool`, `float`, `bytes`, `raw` for types with a JSON form of their own,
// the name of a structure, and `*`, `[]`, `map:` before what they hold.
func shape(t reflect.Type, shapes map[string][][2]string) string {
	marshaler := reflect.TypeFor[json.Marshaler]()
	switch {
	case t.Kind() == reflect.Pointer:
		return "*" + shape(t.Elem(), shapes)
	case t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler):
		return "raw:" + t.Name()
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + shape(t.Elem(), shapes)
	case reflect.Map:
		return "map:" + shape(t.Elem(), shapes)
	case reflect.Struct:
		if strings.HasPrefix(t.PkgPath(), "k8s.io/apimachinery/") || strings.HasPrefix(t.PkgPath(), "k8s.io/api/") {
			return "raw:" + t.Name()
		}
		parts := strings.Split(t.PkgPath(), "/")
		name := parts[len(parts)-1] + "." + t.Name()
		if _, known := shapes[name]; known {
			return name
		}
		shapes[name] = nil
		fields := [][2]string{}
		for i := range t.NumField() {
			field := t.Field(i)
			if field.Tag.Get("json") == "-" {
				continue
			}
			prefix := ""
			if field.Anonymous {
				prefix = "+"
			}
			fields = append(fields, [2]string{prefix + field.Name, shape(field.Type, shapes)})
		}
		shapes[name] = fields
		return name
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32:
		return "int"
	case reflect.Float64:
		return "float"
	case reflect.Interface:
		return "raw:any"
	default:
		return "string"
	}
}

func main() {
	shapes := map[string][][2]string{}
	for _, root := range roots {
		shape(reflect.TypeOf(root), shapes)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shapes); err != nil {
		panic(err)
	}
}
