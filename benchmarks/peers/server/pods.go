package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Every resourceVersion has ten digits, so that one can be written over another.
const firstVersion = 1_000_000_000

// form is a pod in one encoding, with the places of its resourceVersion and of the value of its label "bench" (always four letters).
type form struct {
	bytes          []byte
	version, label int
}

// item is one pod, encoded once.
type item struct{ json, protobuf, custom form }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) metav1.Time {
	return metav1.NewTime(start.Add(time.Duration(seconds) * time.Second))
}

func ptr[T any](v T) *T { return &v }

// hash is splitmix64: the same for the same pod and salt, and without a pattern that an encoding or a compression could use.
func hash(i, salt int) uint64 {
	x := uint64(i)*0x9E3779B97F4A7C15 + uint64(salt)*0xBF58476D1CE4E5B9
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9
	x = (x ^ (x >> 27)) * 0x94D049BB133111EB
	return x ^ (x >> 31)
}

func hex(i, salt, words int) string {
	var b []byte
	for w := range words {
		b = fmt.Appendf(b, "%016x", hash(i, salt+w))
	}
	return string(b)
}

// word is a random text of 12 to 36 letters and digits.
func word(i, salt int) string {
	var b []byte
	for w := range 1 + hash(i, salt)%3 {
		b = strconv.AppendUint(b, hash(i, salt+1+int(w))|1<<63, 36)
	}
	return string(b)
}

func uid(i, salt int) types.UID {
	a, b := hash(i, salt), hash(i, salt+1)
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff))
}

const controllerFields = `{"f:metadata":{"f:annotations":{".":{},"f:prometheus.io/port":{},"f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"%s\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"%s\"}":{".":{},"f:image":{},"f:livenessProbe":{},"f:ports":{},"f:resources":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:terminationGracePeriodSeconds":{}}}`
const kubeletFields = `{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Ready\"}":{".":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:startTime":{}}}`

// generate makes pod i: one of 400 Deployments' in 100 namespaces, with environment and annotations that no other pod has.
func generate(i int) *corev1.Pod {
	app := fmt.Sprintf("app-%d", i%400)
	namespace := fmt.Sprintf("team-%02d", i%100)
	ip := fmt.Sprintf("10.%d.%d.%d", 64+i>>16, i>>8&0xff, i&0xff)
	template := fmt.Sprintf("%010x", hash(i%400, 3)&0xffffffffff)
	probe := func(path string, delay int32) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http"), Scheme: "HTTP"}},
			InitialDelaySeconds: delay, TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3}
	}
	resources := corev1.ResourceRequirements{
		Requests: corev1.ResourceList{"cpu": resource.MustParse("250m"), "memory": resource.MustParse("256Mi")},
		Limits:   corev1.ResourceList{"memory": resource.MustParse("512Mi")}}
	token := corev1.VolumeMount{Name: "kube-api-access-" + template[:5], ReadOnly: true, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"}
	fromField := func(name, path string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
	}
	image, digest := "registry.example.com/"+namespace+"/"+app+":v1."+fmt.Sprint(i%37), hex(i%400, 7, 4)
	status := func(name, image string, salt int) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, Ready: true, Started: ptr(true), Image: image, ImageID: "registry.example.com/" + namespace + "/" + name + "@sha256:" + digest,
			ContainerID: "containerd://" + hex(i, salt, 4),
			State:       corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(i%3600 + 4)}}}
	}
	condition := func(t corev1.PodConditionType, after int) corev1.PodCondition {
		return corev1.PodCondition{Type: t, Status: "True", LastTransitionTime: at(i%3600 + after)}
	}
	managed := func(manager, subresource string, after int, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: "Update", APIVersion: "v1", Time: ptr(at(i%3600 + after)), Subresource: subresource,
			FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(fields)}}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("%s-%s-%05x", app, template, i), GenerateName: app + "-" + template + "-", Namespace: namespace, UID: uid(i, 1), Generation: 1,
			ResourceVersion: fmt.Sprint(firstVersion + i + 1), CreationTimestamp: at(i % 3600),
			Labels: map[string]string{"app.kubernetes.io/name": app, "app.kubernetes.io/instance": app + "-prod", "app.kubernetes.io/version": fmt.Sprint("v1.", i%37),
				"pod-template-hash": template, "tier": []string{"web", "worker", "cache", "db"}[i%4], "bench": "wait"},
			Annotations: map[string]string{"prometheus.io/scrape": "true", "prometheus.io/port": "8080",
				"checksum/config": hex(i, 40, 2), "example.com/trace": word(i, 50)},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app + "-" + template, UID: uid(i%400, 5), Controller: ptr(true), BlockOwnerDeletion: ptr(true)}},
			ManagedFields: []metav1.ManagedFieldsEntry{
				managed("kube-controller-manager", "", 0, fmt.Sprintf(controllerFields, uid(i%400, 5), app)),
				managed("kubelet", "status", 5, kubeletFields)},
		},
		Spec: corev1.PodSpec{
			Volumes: []corev1.Volume{
				{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: app + "-config"}, DefaultMode: ptr(int32(420))}}},
				{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
				{Name: token.Name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{DefaultMode: ptr(int32(420)), Sources: []corev1.VolumeProjection{
					{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: ptr(int64(3607)), Path: "token"}},
					{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}}}}}}},
			Containers: []corev1.Container{
				{Name: app, Image: image, Args: []string{"--config=/etc/app/config.yaml", "--listen=:8080"}, Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: "TCP"}},
					Env: []corev1.EnvVar{fromField("POD_NAME", "metadata.name"), fromField("POD_IP", "status.podIP"), {Name: "SHARD", Value: fmt.Sprint(i)},
						{Name: "SESSION", Value: word(i, 60)}, {Name: "QUEUE", Value: word(i, 70)}, {Name: "CACHE_KEY", Value: word(i, 80)}},
					Resources: resources, VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/etc/app"}, {Name: "tmp", MountPath: "/tmp"}, token},
					LivenessProbe: probe("/healthz", 10), ReadinessProbe: probe("/readyz", 5), TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: "File", ImagePullPolicy: "IfNotPresent"},
				{Name: "proxy", Image: "registry.example.com/mesh/proxy:1.29.0", Env: []corev1.EnvVar{{Name: "UPSTREAM", Value: "127.0.0.1:8080"}}, Resources: resources,
					VolumeMounts: []corev1.VolumeMount{token}, TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: "File", ImagePullPolicy: "IfNotPresent"}},
			RestartPolicy: "Always", TerminationGracePeriodSeconds: ptr(int64(30)), DNSPolicy: "ClusterFirst", ServiceAccountName: app, DeprecatedServiceAccount: app,
			NodeName:        fmt.Sprintf("ip-10-%d-%d.eu-west-1.compute.internal", i%50, i%211),
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: ptr(true)}, SchedulerName: "default-scheduler", EnableServiceLinks: ptr(true), Priority: ptr(int32(0)), PreemptionPolicy: ptr(corev1.PreemptLowerPriority),
			Tolerations: []corev1.Toleration{{Key: "node.kubernetes.io/not-ready", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr(int64(300))}, {Key: "node.kubernetes.io/unreachable", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr(int64(300))}},
		},
		Status: corev1.PodStatus{Phase: "Running", HostIP: fmt.Sprintf("10.%d.%d.7", i%50, i%211), PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}, StartTime: ptr(at(i % 3600)), QOSClass: "Burstable",
			Conditions:        []corev1.PodCondition{condition("Initialized", 1), condition("Ready", 5), condition("ContainersReady", 5), condition("PodScheduled", 0)},
			ContainerStatuses: []corev1.ContainerStatus{status(app, image, 20), status("proxy", "registry.example.com/mesh/proxy:1.29.0", 30)}},
	}
}

// encode encodes pod i in each form; as a custom resource only when asked to.
func encode(i int, custom bool) item {
	pod := generate(i)
	text, err := json.Marshal(pod)
	must(err)
	wire, err := pod.Marshal()
	must(err)
	it := item{json: jsonForm(text), protobuf: form{wire, only(wire, pod.ResourceVersion), only(wire, "bench\x12\x04wait") + 7}}
	if custom {
		it.custom = jsonForm(asCustom(text))
	}
	return it
}

func jsonForm(text []byte) form {
	return form{text, only(text, `"resourceVersion":"`) + len(`"resourceVersion":"`), only(text, `"bench":"wait"`) + len(`"bench":"`)}
}

// asCustom is the pod as an object of a custom resource, whose keys a real server sends in alphabetical order.
func asCustom(text []byte) []byte {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	must(decoder.Decode(&object))
	object["apiVersion"], object["kind"] = custom.apiVersion, custom.kind
	sorted, err := json.Marshal(object)
	must(err)
	return sorted
}

// only is where s stands in b, which has it exactly once.
func only(b []byte, s string) int {
	if bytes.Count(b, []byte(s)) != 1 {
		panic("not exactly once: " + s)
	}
	return bytes.Index(b, []byte(s))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
