//go:build linux

package poll

import (
	"os"

	"golang.org/x/sys/unix"
)

// Steer makes the kernel assign a new connection by the processor that handles its
// first packet: on processor cpus[i] to the i-th listener bound to the port.
// Connections that arrive on other processors are distributed by hash, as without
// Steer. listener is any listener of the group that shares the port with
// SO_REUSEPORT.
func Steer(listener int, cpus []int) error {
	// The program is classic BPF (SO_ATTACH_REUSEPORT_CBPF in socket(7)): it
	// returns the index of a listener. A non-existent index means: by hash.
	const (
		cpuNumber = 0xfffff000 + 36 // SKF_AD_OFF + SKF_AD_CPU in linux/filter.h
		none      = 0xffffffff
	)
	program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: cpuNumber}}
	for i, cpu := range cpus {
		program = append(program,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(cpu), Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: uint32(i)},
		)
	}
	program = append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: none})
	attached := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	return os.NewSyscallError("setsockopt SO_ATTACH_REUSEPORT_CBPF",
		unix.SetsockoptSockFprog(listener, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &attached))
}
