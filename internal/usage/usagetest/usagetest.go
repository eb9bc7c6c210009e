//go:build linux

// Package usagetest makes real control groups for tests. It measures nothing.
package usagetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// period is what a quota is counted in, the kernel's default.
const period = 100 * time.Millisecond

// removeLimit is how long a group may take to become empty: the processes in
// it have been told to end.
const removeLimit = 10 * time.Second

// Quota makes a control group that may use that many CPUs' worth of time, and
// below it one without a limit of its own, as a container's may be: what bounds
// is the parent. It returns a command that puts the shell that runs it into the
// latter. The test is skipped where no such group can be made.
func Quota(t *testing.T, cpus float64) (enter string) {
	t.Helper()
	quota := int64(cpus * float64(period.Microseconds()))
	name := fmt.Sprintf("c1m-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	outer, err := version1(name, quota)
	if err != nil {
		var second error
		if outer, second = version2(name, quota); second != nil {
			t.Skipf("no control group with a quota can be made here: %v; %v", err, second)
		}
	}
	t.Cleanup(func() { remove(t, outer) })
	inner := filepath.Join(outer, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, inner) })
	return "echo $$ >" + inner + "/cgroup.procs"
}

func version1(name string, quota int64) (string, error) {
	return group("/sys/fs/cgroup/cpu/"+name, map[string]string{
		"cpu.cfs_period_us": strconv.FormatInt(period.Microseconds(), 10),
		"cpu.cfs_quota_us":  strconv.FormatInt(quota, 10),
	})
}

func version2(name string, quota int64) (string, error) {
	const root = "/sys/fs/cgroup"
	text, err := os.ReadFile(root + "/cgroup.subtree_control")
	if err != nil {
		return "", err
	}
	if !strings.Contains(" "+strings.TrimSpace(string(text))+" ", " cpu ") {
		return "", errors.New("version 2 does not hand down the cpu controller")
	}
	return group(root+"/"+name, map[string]string{"cpu.max": fmt.Sprintf("%d %d", quota, period.Microseconds())})
}

// group makes a group with settings, or none.
func group(dir string, settings map[string]string) (string, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	for file, value := range settings {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0); err != nil {
			return "", errors.Join(err, os.Remove(dir))
		}
	}
	return dir, nil
}

// remove waits until a group's processes are gone, and removes it.
func remove(t *testing.T, dir string) {
	t.Helper()
	for limit := time.Now().Add(removeLimit); ; time.Sleep(10 * time.Millisecond) {
		err := os.Remove(dir)
		if err == nil || !errors.Is(err, unix.EBUSY) || time.Now().After(limit) {
			if err != nil {
				t.Errorf("control group left: %v", err)
			}
			return
		}
	}
}
