//go:build linux

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fakeKubectl plays kubectl and the cluster behind it, as far as bench uses
// them: what it is told to create it runs as processes of this machine. Its
// state is in a folder, $CLUSTER; there it also records how it was called.
//
// $FAULT makes something go wrong: "unreachable" the cluster; "image" the
// replicas' image is not there; "slow" they never begin; "crash" the second
// replica.
func fakeKubectl() {
	c := cluster(os.Getenv("CLUSTER"))
	args := os.Args[1:]
	c.record(args)
	if os.Getenv("FAULT") == "unreachable" {
		c.fail("The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?")
	}
	switch strings.Join(args[:min(2, len(args))], " ") {
	case "auth can-i":
	case "create -f":
		c.create()
	case "get pod":
		if _, err := os.Stat(c.path("pods", args[2])); args[2] == "" || err != nil {
			c.fail(fmt.Sprintf("Error from server (NotFound): pods %q not found", args[2]))
		}
		fmt.Print("127.0.0.1") // its host's address
	case "get pods":
		c.watch(flagValue(args, "-l"))
	case "logs -l":
		c.logs(flagValue(args, "-l"), slices.Contains(args, "--follow"))
	case "delete pod":
		c.delete(func(p fakePod) bool { return p.Metadata.Name == args[2] })
	case "delete jobs,pods,services,secrets":
		c.delete(selects(flagValue(args, "-l")))
		c.deleteSecrets(selects(flagValue(args, "-l")))
	case "pod " + args[len(args)-1]: // not kubectl's: a pod of this cluster
		c.run(args[1])
	default:
		c.fail(fmt.Sprintf("error: unknown command %q", args))
	}
}

// cluster is a folder with a folder for each pod, in pods or deleted: its
// pod.json, log and pid.
type cluster string

type fakeContainer struct {
	Args []string `json:"args"`
	Env  []struct {
		Name      string `json:"name"`
		ValueFrom struct {
			SecretKeyRef struct {
				Name string `json:"name"`
				Key  string `json:"key"`
			} `json:"secretKeyRef"`
		} `json:"valueFrom"`
	} `json:"env,omitempty"`
}

// fakeSecret has the metadata of a pod.
type fakeSecret struct {
	fakePod
	StringData map[string]string `json:"stringData"`
}

type fakePod struct {
	Metadata struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Containers []fakeContainer `json:"containers"`
	} `json:"spec"`
	Status struct {
		Phase             string           `json:"phase"`
		ContainerStatuses []map[string]any `json:"containerStatuses,omitempty"`
	} `json:"status"`
}

func (c cluster) fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func (c cluster) must(err error) {
	if err != nil {
		c.fail("the fake kubectl: " + err.Error())
	}
}

func (c cluster) path(parts ...string) string {
	return filepath.Join(append([]string{string(c)}, parts...)...)
}

// record notes a call, in one write.
func (c cluster) record(args []string) {
	c.must(os.MkdirAll(c.path("pods"), 0o777))
	c.must(os.MkdirAll(c.path("deleted"), 0o777))
	file, err := os.OpenFile(c.path("calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	c.must(err)
	_, err = file.WriteString(strings.Join(args, " ") + "\n")
	c.must(errors.Join(err, file.Close()))
}

func flagValue(args []string, name string) string { return args[slices.Index(args, name)+1] }

// selects is what a label selector such as a=1,b chooses.
func selects(selector string) func(fakePod) bool {
	return func(p fakePod) bool {
		for term := range strings.SplitSeq(selector, ",") {
			key, want, exact := strings.Cut(term, "=")
			if got, has := p.Metadata.Labels[key]; !has || exact && got != want {
				return false
			}
		}
		return true
	}
}

// put writes a pod's state at once, so that no reader sees half of it.
func (c cluster) put(p fakePod) {
	text, err := json.Marshal(p)
	c.must(err)
	name := c.path("pods", p.Metadata.Name, "pod.json")
	c.must(os.WriteFile(name+".new", text, 0o666))
	c.must(os.Rename(name+".new", name))
}

// pods are those there are, in the order of their names.
func (c cluster) pods(chosen func(fakePod) bool) []fakePod { return c.list("pods", chosen) }

func (c cluster) list(folder string, chosen func(fakePod) bool) []fakePod {
	names, err := filepath.Glob(c.path(folder, "*", "pod.json"))
	c.must(err)
	var list []fakePod
	for _, name := range names {
		var p fakePod
		text, err := os.ReadFile(name)
		if err != nil || json.Unmarshal(text, &p) != nil {
			continue // removed meanwhile
		}
		if chosen(p) {
			list = append(list, p)
		}
	}
	return list
}

// create takes pods and jobs on standard input, and starts their processes.
func (c cluster) create() {
	d := json.NewDecoder(os.Stdin)
	for d.More() {
		var o struct {
			fakePod
			Kind string
			Spec struct {
				Completions int
				Containers  []fakeContainer
				Template    fakePod
			} `json:"spec"`
			StringData map[string]string
		}
		c.must(d.Decode(&o))
		switch o.Kind {
		case "Pod":
			pod := o.fakePod
			pod.Spec.Containers = o.Spec.Containers
			c.start(pod)
		case "Secret":
			secret, err := json.Marshal(fakeSecret{o.fakePod, o.StringData})
			c.must(err)
			c.must(os.MkdirAll(c.path("secrets"), 0o777))
			c.must(os.WriteFile(c.path("secrets", o.Metadata.Name), secret, 0o600))
		case "Job":
			for i := range o.Spec.Completions {
				pod := o.Spec.Template
				pod.Metadata.Name = o.Metadata.Name + "-" + strconv.Itoa(i) + "-abcde"
				pod.Metadata.Labels = maps.Clone(pod.Metadata.Labels)
				pod.Metadata.Labels["batch.kubernetes.io/job-completion-index"] = strconv.Itoa(i)
				c.start(pod)
			}
		}
	}
}

func (c cluster) start(p fakePod) {
	c.must(os.Mkdir(c.path("pods", p.Metadata.Name), 0o777))
	p.Status.Phase = "Pending"
	c.put(p)
	cmd := exec.Command(os.Args[0], "pod", p.Metadata.Name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.must(cmd.Start())
	pid := c.path("pods", p.Metadata.Name, "pid")
	c.must(os.WriteFile(pid+".new", []byte(strconv.Itoa(cmd.Process.Pid)), 0o666))
	c.must(os.Rename(pid+".new", pid))
}

// run is a pod's life.
func (c cluster) run(name string) {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	pod := c.pods(func(p fakePod) bool { return p.Metadata.Name == name })[0]
	index, client := pod.Metadata.Labels["batch.kubernetes.io/job-completion-index"]
	if waits, faulty := map[string]map[string]any{
		"image": {"reason": "ErrImageNeverPull", "message": "not present"},
		"slow":  {"reason": "ContainerCreating"},
	}[os.Getenv("FAULT")]; faulty && client {
		c.state(pod, "Pending", "waiting", waits)
		<-terminated
		return
	}
	log, err := os.Create(c.path("pods", name, "log"))
	c.must(err)
	var args []string
	for _, arg := range pod.Spec.Containers[0].Args {
		args = append(args, strings.ReplaceAll(arg, "$(C1M_ADDRESS)", "127.0.0.1"))
	}
	if index == "1" && os.Getenv("FAULT") == "crash" {
		args = []string{"run", "-no-such-flag"}
	}
	cmd := exec.Command("bench", args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "JOB_COMPLETION_INDEX="+index)
	for _, v := range pod.Spec.Containers[0].Env {
		if ref := v.ValueFrom.SecretKeyRef; ref.Name != "" {
			var secret fakeSecret
			text, err := os.ReadFile(c.path("secrets", ref.Name))
			c.must(errors.Join(err, json.Unmarshal(text, &secret)))
			cmd.Env = append(cmd.Env, v.Name+"="+secret.StringData[ref.Key])
		}
	}
	c.must(cmd.Start())
	c.state(pod, "Running", "running", map[string]any{})
	go func() {
		<-terminated
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}()
	_ = cmd.Wait()
	phase := "Succeeded"
	if !cmd.ProcessState.Success() {
		phase = "Failed"
	}
	c.state(pod, phase, "terminated", map[string]any{"exitCode": cmd.ProcessState.ExitCode()})
}

func (c cluster) state(p fakePod, phase, name string, what map[string]any) {
	p.Status.Phase = phase
	p.Status.ContainerStatuses = []map[string]any{{"state": map[string]any{name: what}}}
	c.put(p)
}

// poll calls step until it says that it is done.
func poll(step func() bool) {
	for !step() {
		time.Sleep(5 * time.Millisecond)
	}
}

// watch prints what happens to pods until it is killed.
func (c cluster) watch(selector string) {
	last := map[string]string{}
	out := json.NewEncoder(os.Stdout)
	poll(func() bool {
		for _, kind := range []struct{ folder, event string }{{"pods", "MODIFIED"}, {"deleted", "DELETED"}} {
			for _, p := range c.list(kind.folder, selects(selector)) {
				text, err := json.Marshal(p)
				c.must(err)
				if now := kind.event + string(text); last[p.Metadata.Name] != now {
					last[p.Metadata.Name] = now
					c.must(out.Encode(map[string]any{"type": kind.event, "object": p}))
				}
			}
		}
		return false
	})
}

// logs prints what pods have printed.
func (c cluster) logs(selector string, follow bool) {
	for _, p := range c.pods(selects(selector)) {
		file, err := os.Open(c.path("pods", p.Metadata.Name, "log"))
		c.must(err)
		poll(func() bool {
			ended := !follow || !c.lives(p.Metadata.Name)
			_, err := io.Copy(os.Stdout, file)
			return err != nil || ended
		})
		file.Close()
	}
}

// lives tells whether a pod's process runs: that it is there is not enough, for
// it is another's to reap.
func (c cluster) lives(name string) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(c.pid(name)) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// pid is that of a pod's process; 0 if it has none.
func (c cluster) pid(name string) int {
	text, err := os.ReadFile(c.path("pods", name, "pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(text))
	c.must(err)
	return pid
}

// delete ends pods and removes them.
func (c cluster) delete(chosen func(fakePod) bool) {
	pods := c.pods(chosen)
	for _, p := range pods {
		if pid := c.pid(p.Metadata.Name); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
	for _, p := range pods {
		poll(func() bool { return !c.lives(p.Metadata.Name) })
		c.must(os.Rename(c.path("pods", p.Metadata.Name), c.path("deleted", p.Metadata.Name)))
		fmt.Println("pod/" + p.Metadata.Name)
	}
}

// deleteSecrets removes secrets.
func (c cluster) deleteSecrets(chosen func(fakePod) bool) {
	names, err := filepath.Glob(c.path("secrets", "*"))
	c.must(err)
	for _, name := range names {
		var secret fakeSecret
		text, err := os.ReadFile(name)
		c.must(errors.Join(err, json.Unmarshal(text, &secret)))
		if chosen(secret.fakePod) {
			c.must(os.Remove(name))
			fmt.Println("secret/" + secret.Metadata.Name)
		}
	}
}
