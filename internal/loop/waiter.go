//go:build linux

package loop

import "time"

// waiter is how a loop waits for its connections, and reads from and writes to them:
// when they are ready (readiness, by epoll), or by operations that complete (completion,
// by io_uring). All its methods but wake must run in the loop.
type waiter interface {
	// begin is called by the thread that will run the loop, before the first wait,
	// and end after the last. Then no connection is in use by the kernel.
	begin() error
	end() error

	// wait waits for something to happen, at most timeout, and serves the
	// connections to which it happened. A negative timeout means no limit.
	wait(timeout time.Duration) error
	wake() error // from any goroutine

	listen() error   // starts accepting
	unlisten() error // stops accepting

	adopt(*Conn) error     // starts reading
	settle(*Conn, Outcome) // handles an outcome
	drop(*Conn)            // closes a connection, and calls freed when its descriptor is closed
	release() error        // releases the descriptors of the waiter itself
}

// output is where a Handler's output goes if it does not write itself.
type output interface {
	// room returns an empty slice to append the replies to n bytes from c to.
	room(c *Conn, n int) []byte

	// send sends out after what the connection already has to send. out was appended
	// to the last room, or does not change any more. It returns Blocked, since
	// nothing is written yet.
	send(c *Conn, out []byte) Outcome
}
