//go:build linux

package ring

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Unsupported says why io_uring cannot be used here, and what to do.
type Unsupported struct {
	Seen string // what the machine has
	Fix  string // what to change, in the imperative
	Err  error
}

func (u *Unsupported) Error() string { return u.Seen + "; " + u.Fix }
func (u *Unsupported) Unwrap() error { return u.Err }

// Check returns nil if this process can use rings, and otherwise an *Unsupported. It
// makes a small ring and uses it once: each system call may be forbidden by itself.
func Check() error {
	err := try()
	if err == nil {
		return nil
	}
	disabled, _ := os.ReadFile("/proc/sys/kernel/io_uring_disabled") // does not exist before Linux 6.6
	var name unix.Utsname
	release := "unknown"
	if unix.Uname(&name) == nil {
		release = unix.ByteSliceToString(name.Release[:])
	}
	return explain(err, strings.TrimSpace(string(disabled)), release)
}

func try() error {
	// The thread belongs to the ring until it is closed.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, err := New(Config{Submissions: 4, Completions: 8, Buffers: 1, BufferSize: 64})
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Start(); err != nil {
		return err
	}
	return r.Wait(0)
}

// explain says what an error of try means where kernel.io_uring_disabled has a value.
func explain(err error, disabled, release string) error {
	u := &Unsupported{Err: err}
	switch {
	case errors.Is(err, unix.EPERM) && disabled == "2":
		u.Seen, u.Fix = "kernel.io_uring_disabled is 2", "run sysctl kernel.io_uring_disabled=0"
	case errors.Is(err, unix.EPERM) && disabled == "1":
		u.Seen = "kernel.io_uring_disabled is 1, which allows io_uring only to members of kernel.io_uring_group and root"
		u.Fix = "run sysctl kernel.io_uring_disabled=0, or run as root"
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		u.Seen = fmt.Sprintf("a seccomp profile or a security module forbids io_uring (%v)", err)
		u.Fix = "allow io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp profile (docker run --security-opt seccomp=FILE)"
	case errors.Is(err, unix.ENOSYS):
		u.Seen = fmt.Sprintf("Linux %s has no io_uring, or a seccomp profile hides it (%v)", release, err)
		u.Fix = "use Linux 6.1 or later, built with CONFIG_IO_URING, and allow io_uring_setup in the container's seccomp profile"
	case errors.Is(err, unix.EINVAL):
		u.Seen, u.Fix = fmt.Sprintf("the io_uring of Linux %s lacks what a loop needs (%v)", release, err), "use Linux 6.1 or later"
	case errors.Is(err, unix.ENOMEM):
		u.Seen, u.Fix = fmt.Sprintf("no memory for a ring (%v)", err), "raise the memory limit, or the locked memory limit (ulimit -l)"
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		u.Seen, u.Fix = fmt.Sprintf("no descriptor for a ring (%v)", err), "raise the descriptor limit (ulimit -n)"
	default:
		u.Seen, u.Fix = err.Error(), "use another mode"
	}
	return u
}
