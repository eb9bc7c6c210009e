//go:build linux

package peers

import (
	"strings"

	"c1m/internal/plain"
	"c1m/internal/proto"
)

// Command is the command line for a shell that serves a protocol. {addr} and {port} are
// still to be filled in. The shell becomes the server, so that signals reach it.
func (s *Set) Command(p Peer, protocol proto.Protocol, program string) string {
	fill := strings.NewReplacer("{bin}", program, "{proto}", string(protocol))
	args := make([]string, len(p.Run))
	for i, arg := range p.Run {
		args[i] = fill.Replace(arg)
	}
	return s.In(append([]string{"exec"}, args...))
}

// In is a command line for a shell that runs arguments in the folder.
func (s *Set) In(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = plain.ShellWord(arg)
	}
	return "cd " + plain.ShellWord(s.Dir) + " && " + strings.Join(words, " ")
}
