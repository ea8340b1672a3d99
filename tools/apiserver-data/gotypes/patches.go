package main

import (
	"encoding/json"
	"math/rand"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// patchVector is a strategic merge patch and what it makes of an object.
type patchVector struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Original   json.RawMessage `json:"original"`
	Patch      json.RawMessage `json:"patch"`
	Result     json.RawMessage `json:"result,omitempty"`
	Error      string          `json:"error,omitempty"`
}

const (
	pod        = `{"metadata":{"name":"p","labels":{"a":"1","b":"2"},"finalizers":["x/1","x/2","x/3"]},"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"E","value":"1"},{"name":"F","value":"2"}],"ports":[{"containerPort":80}],"args":["x","y"]},{"name":"b","image":"1"},{"name":"c","image":"1"}],"volumes":[{"name":"v","emptyDir":{}},{"name":"w","configMap":{"name":"c"}}],"nodeSelector":{"k":"v"},"tolerations":[{"key":"t"}]}}`
	deployment = `{"spec":{"replicas":3,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}},"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"a","image":"1"}]}}}}`
)

var patches = []struct{ apiVersion, kind, original, patch string }{
	{"v1", "Pod", pod, `{}`},
	{"v1", "Pod", pod, `{"metadata":{"labels":{"a":null,"c":"3"}}}`},
	{"v1", "Pod", pod, `{"metadata":{"annotations":{"x":null,"y":"1"}}}`},
	{"v1", "Pod", pod, `{"metadata":null}`},
	{"v1", "Pod", pod, `{"metadata":{"labels":null}}`},
	{"v1", "Pod", pod, `{"metadata":{"finalizers":["x/4","x/1"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/2","nope"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/2"],"$setElementOrder/finalizers":["x/3","x/1"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"finalizers":["x/9"],"$setElementOrder/finalizers":["x/9","x/2","x/1","x/3"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$deleteFromPrimitiveList":["x/2"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$deleteFromPrimitiveListX/finalizers":["x/2"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$setElementOrder":["x/2"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"$setElementOrder/finalizers":"x"}}`},
	{"v1", "Pod", pod, `{"metadata":{"$setElementOrder/nope":["x"]}}`},
	{"v1", "Pod", pod, `{"metadata":{"finalizers":[["x"]]}}`},
	{"v1", "Pod", pod, `{"metadata":{"finalizers":[1]}}`},
	{"v1", "Pod", pod, `{"metadata":{"finalizers":[]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"b","image":"2"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"d","image":"2"},{"name":"a","image":"2"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"image":"2"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"b","$patch":"delete"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"$patch":"delete"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"b","$patch":"merge"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"b","$patch":"nope"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"z"},{"$patch":"replace"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"$patch":"replace"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":null}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":{"name":"a"}}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":["a"]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"a","args":["z"],"env":[{"name":"F","value":null},{"name":"G","value":"3"}],"ports":[{"containerPort":80,"name":"http"},{"containerPort":81}]}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"a","env":[{"name":"E","$patch":"delete"}]}]}}`},
	{"v1", "Pod", pod, `{"spec":{"containers":[{"name":"a","$patch":"replace","image":"9"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"},{"name":"b"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"d"},{"name":"a"}],"containers":[{"name":"d","image":"4"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"containers":[{"name":"d","image":"4"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"containers":[{"name":"b","$patch":"delete"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/containers":[{"image":"c"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/initContainers":[{"name":"i"}],"initContainers":[{"name":"i","image":"1"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"$setElementOrder/initContainers":[{"name":"i"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"volumes":[{"name":"v","emptyDir":null,"hostPath":{"path":"/"}}]}}`},
	{"v1", "Pod", pod, `{"spec":{"volumes":[{"$retainKeys":["name","hostPath"],"name":"v","hostPath":{"path":"/"}}]}}`},
	{"v1", "Pod", pod, `{"spec":{"volumes":[{"$retainKeys":["name"],"name":"v","hostPath":{"path":"/"}}]}}`},
	{"v1", "Pod", pod, `{"spec":{"volumes":[{"$retainKeys":"name","name":"v"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"nodeSelector":{"$patch":"replace","x":"y"}}}`},
	{"v1", "Pod", pod, `{"spec":{"nodeSelector":{"$patch":"delete"}}}`},
	{"v1", "Pod", pod, `{"spec":{"nodeSelector":{"$patch":"merge"}}}`},
	{"v1", "Pod", pod, `{"spec":{"affinity":{"$patch":"delete"}}}`},
	{"v1", "Pod", pod, `{"spec":{"affinity":{"nodeAffinity":null,"podAffinity":{"x":{"$patch":"replace"}}}}}`},
	{"v1", "Pod", pod, `{"spec":{"tolerations":[{"key":"u"}]}}`},
	{"v1", "Pod", pod, `{"spec":{"hostname":"h","unknown":{"a":null,"b":1}}}`},
	{"v1", "Pod", pod, `{"$patch":"replace","metadata":{"name":"q"}}`},
	{"v1", "Pod", pod, `{"$patch":"delete"}`},
	{"v1", "Pod", pod, `{"spec":"x"}`},
	{"v1", "ServiceAccount", `{"imagePullSecrets":[{"name":"a"}],"secrets":[{"name":"a"}]}`, `{"imagePullSecrets":[{"name":"b"}],"secrets":[{"name":"b"}]}`},
	{"v1", "Service", `{"spec":{"ports":[{"port":80,"protocol":"TCP","name":"a"},{"port":80,"protocol":"UDP","name":"b"}]}}`, `{"spec":{"ports":[{"port":80,"name":"c"},{"port":81}]}}`},
	{"apps/v1", "Deployment", deployment, `{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}`},
	{"apps/v1", "Deployment", deployment, `{"spec":{"strategy":{"type":"Recreate"}}}`},
	{"apps/v1", "Deployment", deployment, `{"spec":{"replicas":null,"template":{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","image":"2"}]}}}}`},
	{"policy/v1", "PodDisruptionBudget", `{"spec":{"selector":{"matchLabels":{"a":"b","c":"d"}}}}`, `{"spec":{"selector":{"matchLabels":{"e":"f","g":null}}}}`},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", `{"spec":{"versions":[{"name":"v1"}]},"status":{"conditions":[{"type":"a"}]}}`, `{"spec":{"versions":[{"name":"v2"}]},"status":{"conditions":[{"type":"b"}]}}`},
	{"apps/v1", "ControllerRevision", `{"data":{"a":1,"b":{"c":1}}}`, `{"data":{"a":2}}`},
	{"apps/v1", "ControllerRevision", `{"data":{"a":1,"b":{"c":1}}}`, `{"data":{"b":{"d":1}}}`},
	{"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", `{"webhooks":[{"name":"a","rules":[{"apiGroups":["x"]}]}]}`, `{"webhooks":[{"name":"a","rules":[{"apiGroups":["y"]}]},{"name":"b"}]}`},
}

func patchVectors(scheme *runtime.Scheme) []patchVector {
	result := []patchVector{}
	for _, p := range append(patches, randomPatches()...) {
		object, err := scheme.New(schema.FromAPIVersionAndKind(p.apiVersion, p.kind))
		if err != nil {
			fail("%v", err)
		}
		vector := patchVector{p.apiVersion, p.kind, json.RawMessage(p.original), json.RawMessage(p.patch), nil, ""}
		if vector.Result, err = strategicpatch.StrategicMergePatch([]byte(p.original), []byte(p.patch), object); err != nil {
			vector.Error = err.Error()
		}
		result = append(result, vector)
	}
	return result
}

// randomPatches reorder, add and delete elements of keyed lists in ways that nobody thought of.
func randomPatches() []struct{ apiVersion, kind, original, patch string } {
	random := rand.New(rand.NewSource(7))
	names := []string{"a", "b", "c", "d", "e"}
	pick := func() []string {
		order := random.Perm(len(names))[:random.Intn(len(names)+1)]
		picked := []string{}
		for _, i := range order {
			picked = append(picked, names[i])
		}
		return picked
	}
	text := func(value any) string {
		encoded, err := json.Marshal(value)
		if err != nil {
			fail("%v", err)
		}
		return string(encoded)
	}
	containers := func(picked []string, image string) []any {
		list := []any{}
		for _, name := range picked {
			list = append(list, map[string]any{"name": name, "image": image})
		}
		return list
	}
	result := []struct{ apiVersion, kind, original, patch string }{}
	for range 80 {
		original := map[string]any{"spec": map[string]any{"containers": containers(pick(), "1")}, "metadata": map[string]any{"finalizers": pick()}}
		patched := containers(pick(), "2")
		for _, element := range patched {
			switch random.Intn(5) {
			case 0:
				element.(map[string]any)["$patch"] = "delete"
			case 1:
				delete(element.(map[string]any), "image")
			}
		}
		spec := map[string]any{"containers": patched}
		metadata := map[string]any{"finalizers": pick()}
		if random.Intn(2) == 0 {
			order := []any{}
			for _, element := range patched {
				if e := element.(map[string]any); e["$patch"] == nil {
					order = append(order, map[string]any{"name": e["name"]})
				}
			}
			for _, name := range pick() {
				order = append(order, map[string]any{"name": name})
			}
			spec["$setElementOrder/containers"] = order
			metadata["$setElementOrder/finalizers"] = append(metadata["finalizers"].([]string), pick()...)
		}
		result = append(result, struct{ apiVersion, kind, original, patch string }{"v1", "Pod", text(original), text(map[string]any{"spec": spec, "metadata": metadata})})
	}
	return result
}
