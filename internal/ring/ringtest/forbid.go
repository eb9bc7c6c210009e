//go:build linux

// Package ringtest forbids io_uring to a process, as a container's seccomp profile does.
// It does not use rings.
package ringtest

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Forbid makes io_uring_setup fail with errno for the calling thread and the programs
// that it executes. The goroutine keeps the thread. It cannot be undone.
func Forbid(errno unix.Errno) error {
	runtime.LockOSThread()
	const number = 0 // offset of the system call's number in struct seccomp_data
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_IO_URING_SETUP, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&filter)))
	if e != 0 {
		return os.NewSyscallError("seccomp", e)
	}
	return nil
}
