//go:build linux

package engine

import "encoding/json"

// The Kubernetes objects of this engine, with only the fields it sets. The names
// are those of the API's core/v1 and batch/v1; the API's Go types would triple the
// modules of this program.

type object struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Metadata   objectMeta `json:"metadata"`
	Spec       any        `json:"spec,omitempty"`

	StringData map[string]string `json:"stringData,omitempty"` // a Secret's
}

type objectMeta struct {
	Name   string            `json:"name,omitempty"`
	Labels map[string]string `json:"labels"`

	Annotations map[string]string `json:"annotations,omitempty"`
}

type jobSpec struct {
	CompletionMode string `json:"completionMode"`
	Completions    int    `json:"completions"`
	Parallelism    int    `json:"parallelism"`
	BackoffLimit   int    `json:"backoffLimit"`
	Deadline       int64  `json:"activeDeadlineSeconds"`
	Keep           int    `json:"ttlSecondsAfterFinished"`
	Template       struct {
		Metadata objectMeta `json:"metadata"`
		Spec     podSpec    `json:"spec"`
	} `json:"template"`
}

type podSpec struct {
	RestartPolicy string      `json:"restartPolicy"`
	Deadline      int64       `json:"activeDeadlineSeconds,omitempty"`
	HostNetwork   bool        `json:"hostNetwork,omitempty"`
	MountToken    bool        `json:"automountServiceAccountToken"`
	ServiceLinks  bool        `json:"enableServiceLinks"`
	Security      podSecurity `json:"securityContext"`
	Containers    []container `json:"containers"`
}

type podSecurity struct {
	NonRoot bool     `json:"runAsNonRoot"`
	User    int      `json:"runAsUser"`
	Group   int      `json:"runAsGroup"`
	Seccomp seccomp  `json:"seccompProfile"`
	Sysctls []sysctl `json:"sysctls,omitempty"`
}

type seccomp struct {
	Type string `json:"type"`
}

type sysctl struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type container struct {
	Name       string            `json:"name"`
	Image      string            `json:"image"`
	PullPolicy string            `json:"imagePullPolicy"`
	Args       []string          `json:"args"`
	Env        []variable        `json:"env,omitempty"`
	Ports      []port            `json:"ports,omitempty"`
	Resources  resources         `json:"resources"`
	Security   containerSecurity `json:"securityContext"`
}

type variable struct {
	Name string         `json:"name"`
	From variableSource `json:"valueFrom"`
}

type variableSource struct {
	Field  *fieldRef  `json:"fieldRef,omitempty"`
	Secret *secretRef `json:"secretKeyRef,omitempty"`
}

type fieldRef struct {
	Path string `json:"fieldPath"`
}

type secretRef struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

type port struct {
	Name string      `json:"name,omitempty"`
	Port json.Number `json:"containerPort"`
}

type resources struct {
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits"`
}

type containerSecurity struct {
	Escalation   bool         `json:"allowPrivilegeEscalation"`
	ReadOnlyRoot bool         `json:"readOnlyRootFilesystem"`
	Capabilities capabilities `json:"capabilities"`
}

type capabilities struct {
	Drop []string `json:"drop"`
}

type serviceSpec struct {
	Selector map[string]string `json:"selector"`
	Ports    []servicePort     `json:"ports"`
}

type servicePort struct {
	Name string      `json:"name"`
	Port json.Number `json:"port"`
}
