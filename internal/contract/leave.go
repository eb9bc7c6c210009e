//go:build linux

package contract

import (
	"fmt"
	"io"
	"time"

	"c1m/internal/proto"
)

// leave is the theme of clients that go: the server goes on, and is at rest
// again.
func leave() []Clause {
	return []Clause{
		{
			ID: "leave.half", Title: "a half close gets its reply, and then the end", Protocols: both, run: leaveHalf,
			Why: "A client may say that it has sent everything and still read ([RFC 9293, 3.6](https://www.rfc-editor.org/rfc/rfc9293#section-3.6)). The reply to what came before is sent, and then the server closes its side. With `ws`, which has a closing handshake of its own, it may close without the reply.",
		},
		{
			ID: "leave.reset", Title: "clients that reset leave others served", Protocols: both, run: leaveReset,
			Why: "A reset is how a killed client, a firewall or a load balancer ends a connection ([RFC 9293, 3.5.2](https://www.rfc-editor.org/rfc/rfc9293#section-3.5.2)): read(2) and write(2) fail with ECONNRESET or EPIPE, and a signal that is not ignored ends the server. Half of the resets meet a reply on its way.",
		},
		{
			ID: "leave.close", Title: "clients that close leave others served", Protocols: both, run: leaveClose,
			Why: "A close is the usual end ([RFC 9293, 3.6](https://www.rfc-editor.org/rfc/rfc9293#section-3.6)). Half of the clients close with a message on its way, so that the reply meets a closed socket.",
		},
		{
			ID: "rest.half", Title: "after half closes it is at rest again", Protocols: both, Needs: Processes, run: restHalf,
			Why: "A socket whose peer has closed is readable for ever ([poll(2)](https://man7.org/linux/man-pages/man2/poll.2.html)): a server that does not close it spins, and keeps the descriptor. After 50 half closes the server must use less than 10% of a processor again, and hold the descriptors from before. The clients keep their ends open.",
		},
		{
			ID: "rest.reset", Title: "after resets it is at rest again", Protocols: both, Needs: Processes, run: restReset,
			Why: "As `rest.half`, after 50 resets: a server that takes the error for \"nothing to read\" keeps the connection ([epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html) reports EPOLLERR and EPOLLHUP even if they were not requested).",
		},
		{
			ID: "rest.close", Title: "after closes it is at rest again", Protocols: both, Needs: Processes, run: restClose,
			Why: "As `rest.half`, after 50 closes ([close(2)](https://man7.org/linux/man-pages/man2/close.2.html)). A server that leaks one descriptor per connection ends within a day of ordinary use.",
		},
	}
}

// leavers is how many clients leave at a time.
const leavers = 50

// stay starts a server, and clients of which some stay.
func (s *scene) stay() (stays, leave []*client, err error) {
	if _, err := s.start(Options{}); err != nil {
		return nil, nil, err
	}
	if stays, err = s.crowd(stoppers); err == nil {
		leave, err = s.crowd(leavers)
	}
	return stays, leave, err
}

// goesOn wants clients that stayed, and one that is new, served.
func (s *scene) goesOn(stays []*client, did string) error {
	err := each(stays, func(c *client) error { return c.trips(10) })
	if err == nil {
		_, err = s.dialAndTrip()
	}
	if err != nil {
		return found(did, "others served", err)
	}
	return nil
}

func leaveHalf(s *scene) error {
	stays, clients, err := s.stay()
	if err != nil {
		return err
	}
	did := fmt.Sprintf("%d clients sent a message and closed their half", leavers)
	if err := each(clients, (*client).halfClose); err != nil {
		want := "the reply and then the end of the connection"
		if s.target.Protocol == proto.WebSocket {
			want = "the end of the connection"
		}
		return found(did, want, err)
	}
	return s.goesOn(stays, did)
}

// halfClose sends a last message, says that it is the last, and wants the reply,
// where the protocol has no farewell of its own, and then the end.
func (c *client) halfClose() error {
	last := c.message()
	if err := c.send(last); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	if c.protocol == proto.Echo {
		if err := c.expect(last); err != nil {
			return err
		}
	}
	return c.end()
}

// end wants the server to end the connection, whatever it says before.
func (c *client) end() error {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, c.in)
	switch {
	case err != nil && !ended(err):
		return fmt.Errorf("the connection was still open after %v", c.patience)
	case n > 0 && c.protocol == proto.Echo:
		return fmt.Errorf("%d more bytes came", n)
	}
	return nil
}

// resetAll and closeAll let clients go, half of them with a message on its way.

func resetAll(clients []*client) error {
	return goAll(clients, func(c *client) error { c.reset(); return nil })
}

func closeAll(clients []*client) error {
	return goAll(clients, func(c *client) error {
		// First the FIN: with a reply unread, a close alone is a reset.
		if err := c.CloseWrite(); err != nil {
			return err
		}
		return c.Close()
	})
}

func goAll(clients []*client, leave func(*client) error) error {
	for i, c := range clients {
		if i%2 == 0 {
			if err := c.send(c.message()); err != nil {
				return err
			}
		}
		if err := leave(c); err != nil {
			return err
		}
	}
	return nil
}

func leaveReset(s *scene) error {
	return s.goesOnAfter("reset their connections, half of them with a message on its way", resetAll)
}

func leaveClose(s *scene) error {
	return s.goesOnAfter("closed their connections, half of them with a message on its way", closeAll)
}

// goesOnAfter wants clients that stay served after others left.
func (s *scene) goesOnAfter(how string, goes func([]*client) error) error {
	stays, clients, err := s.stay()
	if err != nil {
		return err
	}
	did := fmt.Sprintf("%d clients %s", leavers, how)
	if err := goes(clients); err != nil {
		return found(did, "their messages to be taken", err)
	}
	return s.goesOn(stays, did)
}

func restHalf(s *scene) error {
	return s.restAfter("closed their half", func(clients []*client) error {
		return each(clients, func(c *client) error {
			_ = c.halfClose() // whether it is answered is another clause
			return nil
		})
	})
}

func restReset(s *scene) error { return s.restAfter("reset their connections", resetAll) }
func restClose(s *scene) error { return s.restAfter("closed their connections", closeAll) }

// restAfter wants the server at rest after clients left, with the descriptors from
// before they came.
func (s *scene) restAfter(how string, goes func([]*client) error) error {
	before, err := s.restWithSome()
	if err != nil {
		return err
	}
	clients, err := s.crowd(leavers)
	if err != nil {
		return err
	}
	did := fmt.Sprintf("%d clients %s", leavers, how)
	if err := goes(clients); err != nil {
		return found(did, "their messages to be taken", err)
	}
	patience := s.target.patience()
	deadline := time.Now().Add(patience)
	for {
		after, err := Process(s.server().PID()).Rest(s.ctx, time.Until(deadline))
		if err != nil {
			return found(did, "the server at rest again", err)
		}
		if after <= before+slack {
			return nil
		}
		if time.Now().After(deadline) {
			return found(did, fmt.Sprintf("the server to hold the %d descriptors from before they came", before), fmt.Sprintf("it holds %d after %v", after, patience))
		}
	}
}

// restWithSome starts a server with a few clients that stay, because what it opens with its
// first connections it may keep. It returns how many descriptors it has at rest.
func (s *scene) restWithSome() (int, error) {
	if _, err := s.start(Options{}); err != nil {
		return 0, err
	}
	if _, err := s.crowd(stoppers); err != nil {
		return 0, err
	}
	return s.rest(fmt.Sprintf("%d clients were idle", stoppers))
}

// slack is how many descriptors may differ for other reasons than connections.
const slack = 5
