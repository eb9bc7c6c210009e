//go:build linux

// Package peers is the servers of a peers folder: which there are, what each needs on this
// machine, how its program is built, and the command that runs it. It runs none of them and
// does not know what is measured.
package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"c1m/internal/plain"
	"c1m/internal/proto"
)

// List is the name of the file that lists the peers of a folder.
const List = "peers.json"

// All is the word that stands for every peer of a list.
const All = "all"

// Peer is a server.
type Peer struct {
	Name     string
	Language string
	Library  string // a Go module, or another library's name

	Protocols map[proto.Protocol][]string // and the names of what each needs

	// Commands, as lists of arguments, that run in the folder. Build builds the program
	// {bin}; empty if there is nothing to build. Run serves {proto} at {addr}, or at {port}
	// of 127.0.0.1. Version prints the library's version on one line.
	Build, Run, Version []string
}

// Speaks lists its protocols, in the order of names.
func (p Peer) Speaks() []proto.Protocol {
	var list []proto.Protocol
	for name := range p.Protocols {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Need is something that a peer may need on this machine.
type Need struct {
	Name     string
	Check    []string // a command that succeeds if it is there
	Packages string   // Debian's packages that contain it
}

// Fix is the command that installs what is needed.
func Fix(needs ...Need) string {
	command := "apt-get install"
	for _, need := range needs {
		command += " " + need.Packages
	}
	return command
}

// Set is the peers of a folder.
type Set struct {
	Dir   string // absolute
	Peers []Peer // in the order of the list

	needs   map[string]Need
	cache   string // programs are built here
	answers answers
	tree    func() ([]byte, error) // a hash of the folder's files
}

// maxList is the largest list that is read, in bytes.
const maxList = 1 << 20

// Open reads the list of a folder. cache is the directory of the programs that are built,
// which need not exist.
func Open(dir, cache string) (*Set, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, List)
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxList {
		return nil, fmt.Errorf("%s: %d bytes: at most %d", name, info.Size(), maxList)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := &Set{Dir: dir, cache: cache, needs: make(map[string]Need)}
	s.tree = hashTree(dir)
	if err := s.parse(text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func (s *Set) parse(text []byte) error {
	var list struct {
		Needs map[string]struct {
			Check  []string
			Debian string
		}
		Peers []Peer
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		return err
	}
	for name, n := range list.Needs {
		if len(n.Check) == 0 {
			return fmt.Errorf("need %q: want a check command", name)
		}
		s.needs[name] = Need{Name: name, Check: n.Check, Packages: n.Debian}
	}
	for i, p := range list.Peers {
		if slices.ContainsFunc(list.Peers[:i], func(other Peer) bool { return other.Name == p.Name }) {
			return fmt.Errorf("peer %s: listed twice", p.Name)
		}
		if err := s.check(p); err != nil {
			return fmt.Errorf("peer %q: %w", p.Name, err)
		}
	}
	s.Peers = list.Peers
	return nil
}

// names are what a row can be called, and -peers can list.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._+-]{0,39}$`)

// check refuses a peer that cannot be run.
func (s *Set) check(p Peer) error {
	if p.Name == All {
		return fmt.Errorf("the name is reserved; choose another")
	}
	if !names.MatchString(p.Name) {
		return fmt.Errorf("invalid name; use at most 40 of a-z, 0-9, ., _, + and -, with a letter or digit first")
	}
	for _, text := range []string{p.Language, p.Library} {
		if err := plain.Check(text); err != nil {
			return err
		}
	}
	if len(p.Protocols) == 0 || len(p.Run) == 0 {
		return fmt.Errorf("want protocols, and a command to run")
	}
	for name, needs := range p.Protocols {
		if _, err := proto.ParseProtocol(string(name)); err != nil {
			return err
		}
		for _, need := range needs {
			if _, known := s.needs[need]; !known {
				return fmt.Errorf("protocol %s needs %q, which is not listed under needs", name, need)
			}
		}
	}
	return nil
}

// Find returns the peer with that name.
func (s *Set) Find(name string) (Peer, bool) {
	for _, p := range s.Peers {
		if p.Name == name {
			return p, true
		}
	}
	return Peer{}, false
}

// Names lists the names of all peers.
func (s *Set) Names() []string {
	list := make([]string, len(s.Peers))
	for i, p := range s.Peers {
		list[i] = p.Name
	}
	return list
}
