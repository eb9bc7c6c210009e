//go:build linux

package contract

import (
	"fmt"

	"c1m/internal/proto"
)

// data is the theme of bytes: what is sent comes back.
func data() []Clause {
	return []Clause{
		{
			ID: "data.size", Title: "1 byte to 1 MiB comes back as sent", Protocols: both, run: dataSize,
			Why: "A throughput counts only if the bytes that come back are those that were sent. 1 MiB is more than the socket buffers of both ends hold, so a server that ignores how much a write took loses the rest ([write(2)](https://man7.org/linux/man-pages/man2/write.2.html): a write may take less than it was given).",
		},
		{
			ID: "data.split", Title: "a message cut anywhere comes back whole", Protocols: both, run: dataSplit,
			Why: "TCP does not keep the boundaries of messages ([RFC 9293, 2.2](https://www.rfc-editor.org/rfc/rfc9293#section-2.2)): under load a read returns part of one. A message is cut at every byte, and is sent byte by byte.",
		},
		{
			ID: "data.order", Title: "pipelined messages come back in order", Protocols: both, run: dataOrder,
			Why: "TCP delivers in order ([RFC 9293, 3.4](https://www.rfc-editor.org/rfc/rfc9293#section-3.4)), and a client takes the first reply for the answer to its first request. A server whose threads share a connection can swap two replies. 1,000 messages go out on each of 8 connections before a reply is read.",
		},
	}
}

func dataSize(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	c, err := s.ready()
	if err != nil {
		return err
	}
	for _, size := range []int{1, 2, 7, 8, 125, 126, 1000, 4095, 4096, 4097, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 18, 1 << 20} {
		if err := c.exchange(streamAt(size, size)); err != nil {
			return found(fmt.Sprintf("a message of %s was sent", bytesIn(size)), "it back", err)
		}
	}
	return nil
}

func dataSplit(s *scene) error {
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	clients, err := s.dialMany(2)
	if err != nil {
		return err
	}
	c, other := clients[0], clients[1]
	size := len(c.wire.encode(make([]byte, messageSize)))
	for cut := 1; cut < size; cut++ {
		if err := c.inParts(other, cut); err != nil {
			return found(fmt.Sprintf("a message of %d bytes was sent in two parts, cut after byte %d", size, cut), "it back", err)
		}
	}
	every := make([]int, size-1)
	for i := range every {
		every[i] = i + 1
	}
	if err := c.inParts(other, every...); err != nil {
		return found(fmt.Sprintf("a message of %d bytes was sent byte by byte", size), "it back", err)
	}
	return nil
}

// inParts exchanges a message that is cut at some of its bytes. The server
// answers another client between the parts, so the kernel does not join them.
func (c *client) inParts(other *client, cuts ...int) error {
	message := c.message()
	b, from := c.wire.encode(message), 0
	for _, cut := range cuts {
		if err := c.write(b[from:cut]); err != nil {
			return err
		}
		if err := other.trip(); err != nil {
			return fmt.Errorf("another client: %w", err)
		}
		from = cut
	}
	if err := c.write(b[from:]); err != nil {
		return err
	}
	return c.expect(message)
}

func dataOrder(s *scene) error {
	const connections, messages = 8, 1000
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	clients, err := s.dialMany(connections)
	if err != nil {
		return err
	}
	err = each(clients, func(c *client) error {
		sent := make([][]byte, messages)
		for i := range sent {
			sent[i] = c.message()
			if err := c.send(sent[i]); err != nil {
				return err
			}
		}
		for i, want := range sent {
			if err := c.expect(want); err != nil {
				return fmt.Errorf("message %d: %w", i+1, err)
			}
		}
		return nil
	})
	if err != nil {
		return found(fmt.Sprintf("%d messages were sent on each of %d connections before a reply was read", messages, connections), "them back in order", err)
	}
	return nil
}

// bytesIn is a number of bytes in words.
func bytesIn(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

var onlyWebSocket = []proto.Protocol{proto.WebSocket}
