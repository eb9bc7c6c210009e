//go:build linux

package engine

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	strict "sigs.k8s.io/json"
)

// testManifest is the manifest of a server, or of so many replicas.
func testManifest(host bool, replicas int) manifest {
	kind := "server"
	if replicas > 0 {
		kind = "client"
	}
	return manifest{
		job: job{
			name: plainName("c1m-20260301T120000.000-4711-12-" + kind), run: "20260301T120000.000-4711",
			args: []string{kind, "--format=lines"}, replicas: replicas, conns: 1_000_000 / max(1, replicas),
		},
		image: "c1m", host: host,
	}
}

// strictly decodes one object into the API's own type: a field the API does
// not know, or one that is there twice, is an error.
func strictly[T any](t *testing.T, o object) T {
	t.Helper()
	var into T
	unknown, err := strict.UnmarshalStrict([]byte(render([]object{o})), &into)
	if err != nil || len(unknown) > 0 {
		t.Fatalf("%s: %v %v", o.Kind, err, unknown)
	}
	return into
}

func TestManifestsDecodeStrictly(t *testing.T) {
	for _, host := range []bool{true, false} {
		server, client := testManifest(host, 0), testManifest(host, 50)
		pod := strictly[corev1.Pod](t, server.server())
		job := strictly[batchv1.Job](t, client.clients())
		service := strictly[corev1.Service](t, server.service())

		if *job.Spec.CompletionMode != batchv1.IndexedCompletion || *job.Spec.BackoffLimit != 0 || *job.Spec.Completions != 50 || *job.Spec.Parallelism != 50 {
			t.Errorf("not an Indexed Job of 50 tried once: %+v", job.Spec)
		}
		for _, spec := range []corev1.PodSpec{pod.Spec, job.Spec.Template.Spec} {
			checkPod(t, spec, host)
		}
		if got := job.Spec.Template.Spec.SecurityContext.Sysctls; (len(got) > 0) == host {
			t.Errorf("host %v, sysctls %v: a kubelet refuses them on the node's network", host, got)
		}
		for key, value := range service.Spec.Selector {
			if pod.Labels[key] != value {
				t.Errorf("the service chooses %s=%s, the server has %q", key, value, pod.Labels[key])
			}
			if job.Spec.Template.Labels["c1m.job"] == service.Spec.Selector["c1m.job"] {
				t.Error("the service chooses replicas")
			}
		}
		if port := int32(8972); service.Spec.Ports[0].Port != port || !host && pod.Spec.Containers[0].Ports[0].ContainerPort != port {
			t.Error("the service's port is not the server's")
		}
		for _, labels := range []map[string]string{pod.Labels, service.Labels, job.Labels, job.Spec.Template.Labels} {
			if labels["c1m.run"] != server.run || labels["c1m"] == "" || labels["c1m.job"] == "" {
				t.Errorf("labels %v do not name the run", labels)
			}
		}
	}
}

// What a network needs is made, and no more.
func TestManifestKinds(t *testing.T) {
	for _, test := range []struct {
		m    manifest
		want string
	}{
		{testManifest(true, 0), "Pod"},
		{testManifest(false, 0), "Pod Service"},
		{testManifest(true, 3), "Job"},
		{testManifest(false, 3), "Job"},
	} {
		// kubectl reads objects that follow each other without a list around.
		d := json.NewDecoder(strings.NewReader(render(test.m.objects())))
		var kinds []string
		for d.More() {
			var o struct{ Kind string }
			if err := d.Decode(&o); err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, o.Kind)
		}
		if got := strings.Join(kinds, " "); got != test.want {
			t.Errorf("%d replicas, host %v: %s, want %s", test.m.replicas, test.m.host, got, test.want)
		}
	}
}

func checkPod(t *testing.T, spec corev1.PodSpec, host bool) {
	t.Helper()
	c := spec.Containers[0]
	if spec.HostNetwork != host {
		t.Errorf("%s: host network %v, want %v", c.Name, spec.HostNetwork, host)
	}
	if spec.RestartPolicy != corev1.RestartPolicyNever {
		t.Errorf("%s: restart policy %s", c.Name, spec.RestartPolicy)
	}
	if s := spec.SecurityContext; !*s.RunAsNonRoot || *s.RunAsUser == 0 || *s.RunAsGroup == 0 {
		t.Errorf("%s: may run as root: %+v", c.Name, s)
	}
	if s := c.SecurityContext; *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("%s: security %+v", c.Name, s)
	}
	if *spec.AutomountServiceAccountToken || *spec.EnableServiceLinks {
		t.Errorf("%s: is given a token or other services' names", c.Name)
	}
	if c.ImagePullPolicy != corev1.PullIfNotPresent {
		t.Errorf("%s: pull policy %s: an image loaded on the node would not do", c.Name, c.ImagePullPolicy)
	}
	asked, limit := c.Resources.Requests, c.Resources.Limits
	if asked.Memory().IsZero() || asked.Cpu().IsZero() || limit.Memory().Cmp(*asked.Memory()) <= 0 {
		t.Errorf("%s: requests %v, limits %v", c.Name, asked, limit)
	}
}

// The token is in a secret that only the replicas' pods name, and nowhere else.
func TestManifestToken(t *testing.T) {
	m := testManifest(true, 3)
	m.token = "secret-token"
	objects := m.objects()
	if len(objects) != 2 {
		t.Fatalf("%d objects, want a secret and a job", len(objects))
	}
	secret := strictly[corev1.Secret](t, objects[0])
	job := strictly[batchv1.Job](t, objects[1])
	env := job.Spec.Template.Spec.Containers[0].Env
	if len(env) != 1 || env[0].Name != TokenVariable || env[0].Value != "" {
		t.Fatalf("the environment is %+v", env)
	}
	if ref := env[0].ValueFrom.SecretKeyRef; ref.Name != secret.Name || secret.StringData[ref.Key] != m.token {
		t.Errorf("%+v is not in the secret %s", ref, secret.Name)
	}
	if secret.Labels["c1m.run"] != m.run || secret.Labels["c1m.job"] != m.name || secret.Labels["c1m"] == "" {
		t.Errorf("labels %v: bench clean would not find it", secret.Labels)
	}
	if strings.Contains(render(objects[1:]), m.token) {
		t.Error("the job holds the token itself")
	}
	m.token = "" // as without a coordinator
	if strings.Contains(render(m.objects()), "Secret") {
		t.Error("a secret of nothing")
	}
}

// A million connections must fit on a node where the server needs 5 GB.
func TestManifestMemory(t *testing.T) {
	pod := strictly[corev1.Pod](t, testManifest(true, 0).server())
	if got := pod.Spec.Containers[0].Resources.Requests.Memory().Value(); got < 5e9 || got > 12e9 {
		t.Errorf("the server of a million connections asks for %d bytes", got)
	}
}

// Names of objects become names of hosts, and a pod's is its job's with
// -INDEX-XXXXX: at most 63 bytes, in which 1000 replicas must fit.
func TestObjectName(t *testing.T) {
	name := testManifest(true, 3).meta().Name
	if name != "c1m-20260301t120000-000-4711-12-client" {
		t.Errorf("name %s", name)
	}
	if n := len(name + "-999-abcde"); n > 63 {
		t.Errorf("a pod's name has %d bytes", n)
	}
}
