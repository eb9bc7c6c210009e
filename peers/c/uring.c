/*
 * Echoes with io_uring: one ring, one thread, one system call for each batch of
 * completions; no kernel thread polls. Accepting and receiving stay armed. What
 * is received is copied and sent when the next batch is waited for; a send does
 * not wait, and completes only if the peer does not take all of it. What a peer
 * does not take is kept, and nothing more is read from it until it has.
 *
 *   cc -O2 -o uring uring.c -luring
 *   ./uring 127.0.0.1:9000
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SUBMISSIONS 1024 /* more are submitted early */
#define COMPLETIONS 4096 /* the kernel stores more, at a cost */
#define BUFFERS 128
#define BUFFER_SIZE (16 << 10)

/* MSG_WAITALL makes a short send a failure, which completes although a success is skipped. */
#define SEND_FLAGS (MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL)

/* The low three bits of an operation's data. The others are the address of its connection. */
enum operation { SIGNAL, ACCEPT, PAUSE, RECEIVE, SEND, FLUSH, POLL, CANCEL };

enum state {
	RECEIVING = 1,
	POLLING = 2,  /* until the peer takes more */
	FLUSHING = 4, /* the rest is being sent */
	LISTED = 8,
	ENDING = 16, /* closed when the rest is sent */
	LOST = 32,   /* closed without that */
};

struct conn {
	int fd;
	unsigned state;
	unsigned batch;    /* in which its last reply was queued */
	unsigned size;     /* of that */
	char *reply;       /* in out */
	char *rest;        /* allocated while the peer does not take it */
	size_t length;     /* of the rest */
	struct conn *next; /* in the list */
};

static struct io_uring ring;
static int listener;
static int pending;  /* operations that will complete */
static int stopping; /* after a signal */

/*
 * What is received. The buffers do not start a power of two apart: otherwise the
 * first bytes of all would compete for the same few lines of the processor's cache.
 */
static char received[BUFFERS][BUFFER_SIZE + 64] __attribute__((aligned(64)));
static struct io_uring_buf_ring *buffers;
static int freed; /* that the kernel gets back after the batch */

/*
 * The replies of this batch, and those of the one before, which may turn out to have
 * been cut short. The kernel gets no buffer back during a batch, so they have room.
 */
static char out[2][BUFFERS * BUFFER_SIZE];
static size_t used;
static unsigned batch = 1;

/* The reply that was queued last, if nothing was queued after it, and its connection. */
static struct io_uring_sqe *last;
static struct conn *last_conn;

static struct conn *list, **list_end = &list; /* to settle after the batch, in this order */

static int must(int result, const char *call)
{
	if (result < 0) {
		perror(call);
		exit(1);
	}
	return result;
}

/* liburing returns the errno. */
static int ring_must(int result, const char *call)
{
	if (result < 0)
		errno = -result;
	return must(result, call);
}

static void *memory(void *p)
{
	if (!p) {
		fputs("uring: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

/* A host, an IPv6 one in brackets, and a port. */
static struct addrinfo *resolve(char *addr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
	char *colon = strrchr(addr, ':');
	size_t end;

	if (!colon)
		return NULL;
	*colon = 0;
	end = strlen(addr);
	if (end && addr[0] == '[' && addr[end - 1] == ']') {
		addr[end - 1] = 0;
		addr++;
	}
	return getaddrinfo(*addr ? addr : NULL, colon + 1, &hints, &found) ? NULL : found;
}

static int listen_on(struct addrinfo *addr)
{
	int on = 1, fd = must(socket(addr->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
	/* Accepted connections take this over. */
	must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
	must(bind(fd, addr->ai_addr, addr->ai_addrlen), "bind");
	must(listen(fd, 65535), "listen");
	return fd;
}

/* Without memory the kernel submits only a part, and completions could overtake sends. */
static void submitted(int result)
{
	if (result != -EINTR)
		ring_must(result, "io_uring_enter");
	if (io_uring_sq_ready(&ring))
		memory(NULL);
	last = NULL;
}

/* The others skip a success. */
static int completes(enum operation operation)
{
	return operation != SEND && operation != CANCEL;
}

static struct io_uring_sqe *queue(struct conn *c, enum operation operation)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe) {
		submitted(io_uring_submit(&ring));
		sqe = io_uring_get_sqe(&ring);
	}
	io_uring_sqe_set_data64(sqe, (uintptr_t)c | operation);
	pending += completes(operation);
	last = NULL;
	return sqe;
}

static void accept_all(void)
{
	io_uring_prep_multishot_accept(queue(NULL, ACCEPT), listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void receive(struct conn *c)
{
	struct io_uring_sqe *sqe = queue(c, RECEIVE);

	io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT; /* of group 0 */
	c->state |= RECEIVING;
}

static void cancel(struct conn *c)
{
	struct io_uring_sqe *sqe;

	if (c->state & (RECEIVING | POLLING)) {
		sqe = queue(NULL, CANCEL);
		io_uring_prep_cancel_fd(sqe, c->fd, IORING_ASYNC_CANCEL_ALL);
		sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	}
}

/* Stops receiving until the peer takes more. */
static void wait_writable(struct conn *c)
{
	cancel(c);
	io_uring_prep_poll_add(queue(c, POLL), c->fd, POLLOUT);
	c->state |= POLLING;
}

/* Sends the rest. It must not change before that is submitted: only settle calls this. */
static void flush(struct conn *c)
{
	io_uring_prep_send(queue(c, FLUSH), c->fd, c->rest, c->length, SEND_FLAGS);
	c->state |= FLUSHING;
}

static void settle_later(struct conn *c)
{
	if (c->state & LISTED)
		return;
	c->state |= LISTED;
	c->next = NULL;
	*list_end = c;
	list_end = &c->next;
}

/* An operation that is pending would keep the socket open after close. */
static void lose(struct conn *c)
{
	cancel(c);
	c->state |= LOST;
	settle_later(c);
}

/* Keeps data, to be sent after the rest or before it. */
static void keep(struct conn *c, const char *data, size_t length, int before)
{
	c->rest = memory(realloc(c->rest, c->length + length));
	if (before)
		memmove(c->rest + length, c->rest, c->length);
	memcpy(before ? c->rest : c->rest + c->length, data, length);
	c->length += length;
	settle_later(c);
}

/*
 * At most one reply of a connection is on its way at a time: if it were cut short, the
 * next would be sent in the middle of it. One that follows at once lengthens it.
 */
static void reply(struct conn *c, const char *data, size_t length)
{
	char *copy = out[batch % 2] + used;

	if (last && last_conn == c) {
		last->len += length;
		c->size += length;
	} else if (c->length || c->batch == batch) {
		keep(c, data, length, 0);
		return;
	} else {
		struct io_uring_sqe *sqe = queue(c, SEND);

		io_uring_prep_send(sqe, c->fd, copy, length, SEND_FLAGS);
		sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
		c->batch = batch;
		c->reply = copy;
		c->size = length;
		last = sqe;
		last_conn = c;
	}
	memcpy(copy, data, length);
	used += length;
}

static void on_accept(int fd, int more)
{
	static struct __kernel_timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	if (fd >= 0) {
		struct conn *c = memory(calloc(1, sizeof *c));

		c->fd = fd;
		receive(c);
		if (!more)
			accept_all();
	} else { /* mostly because descriptors have run out, and the listener stays ready: do not spin */
		io_uring_prep_timeout(queue(NULL, PAUSE), &pause, 0, 0);
	}
}

static void on_receive(struct conn *c, int n, unsigned flags)
{
	unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;

	if (!(flags & IORING_CQE_F_MORE)) {
		c->state &= ~RECEIVING;
		settle_later(c);
	}
	if (n > 0 && !(c->state & LOST))
		reply(c, received[id], n);
	if (n == 0)
		c->state |= ENDING;
	if (n < 0 && n != -ENOBUFS && n != -ECANCELED)
		lose(c);
	if (flags & IORING_CQE_F_BUFFER)
		io_uring_buf_ring_add(buffers, received[id], BUFFER_SIZE, id, BUFFERS - 1, freed++);
}

/* The peer did not take all of a reply, or some or all of the rest. */
static void on_sent(struct conn *c, int n, int flushed)
{
	if (n < 0 && n != -EAGAIN)
		lose(c);
	if (c->state & LOST)
		return;
	if (n < 0)
		n = 0;
	if (flushed) {
		c->length -= n;
		memmove(c->rest, c->rest + n, c->length);
	} else {
		keep(c, c->reply + n, c->size - n, 1);
	}
	if (c->length)
		wait_writable(c);
}

static void complete(struct io_uring_cqe *cqe)
{
	uint64_t data = io_uring_cqe_get_data64(cqe);
	struct conn *c = (struct conn *)(uintptr_t)(data & ~7ull);
	enum operation operation = data & 7;

	if (completes(operation) && !(cqe->flags & IORING_CQE_F_MORE))
		pending--;
	if (stopping)
		return;
	switch (operation) {
	case SIGNAL:
		stopping = 1;
		break;
	case ACCEPT:
		on_accept(cqe->res, cqe->flags & IORING_CQE_F_MORE);
		break;
	case PAUSE:
		accept_all();
		break;
	case RECEIVE:
		on_receive(c, cqe->res, cqe->flags);
		break;
	case SEND:
		on_sent(c, cqe->res, 0);
		break;
	case FLUSH:
		c->state &= ~FLUSHING;
		on_sent(c, cqe->res, 1);
		settle_later(c);
		break;
	case POLL: /* if it failed, the next send says why */
		c->state &= ~POLLING;
		settle_later(c);
		break;
	case CANCEL: /* there was nothing to cancel */
		break;
	}
}

/*
 * Decides what a connection does next. After a batch with a reply it is too early: the
 * reply is not even submitted, and nothing may be queued behind it before it is known
 * whether it was cut short.
 */
static void settle(struct conn *c)
{
	c->state &= ~LISTED;
	if (c->batch == batch) {
		settle_later(c);
		return;
	}
	if (!c->length) {
		free(c->rest);
		c->rest = NULL;
	}
	if (c->state & LOST || (c->state & ENDING && !c->rest)) {
		if (c->state & (RECEIVING | POLLING | FLUSHING))
			return; /* their completions lead here again */
		close(c->fd);
		free(c->rest);
		free(c);
		return;
	}
	if (c->rest && !(c->state & (POLLING | FLUSHING)))
		flush(c);
	if (!(c->state & (RECEIVING | POLLING | ENDING)))
		receive(c);
}

/* Submits what is queued, and serves what has completed. */
static void serve(unsigned least)
{
	struct io_uring_cqe *cqe;

	io_uring_buf_ring_advance(buffers, freed);
	freed = 0;
	submitted(least ? io_uring_submit_and_wait(&ring, least) : io_uring_submit_and_get_events(&ring));
	batch++;
	used = 0;
	while (!io_uring_peek_cqe(&ring, &cqe)) {
		complete(cqe);
		io_uring_cqe_seen(&ring, cqe);
	}
}

static void run(void)
{
	struct conn *c, *next;

	while (!stopping) {
		/* A send that succeeds does not complete: what waits for it must not block. */
		serve(list ? 0 : 1);
		c = list;
		list = NULL;
		list_end = &list;
		for (; c; c = next) {
			next = c->next;
			settle(c);
		}
	}
}

/* The port would be in use until the kernel has ended what is pending, after the process. */
static void cancel_all(void)
{
	struct io_uring_sqe *sqe = queue(NULL, CANCEL);

	io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
	sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	while (pending)
		serve(1);
}

/* Completions run in this thread when it waits for them, instead of interrupting it. */
static void set_up(void)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE,
		.cq_entries = COMPLETIONS,
	};
	struct io_uring_buf_reg group = { .ring_entries = BUFFERS };
	size_t page = sysconf(_SC_PAGESIZE);

	ring_must(io_uring_queue_init_params(SUBMISSIONS, &ring, &params), "io_uring_setup");
	buffers = memory(aligned_alloc(page, page)); /* enough for 256 */
	io_uring_buf_ring_init(buffers);
	group.ring_addr = (uintptr_t)buffers;
	ring_must(io_uring_register_buf_ring(&ring, &group, 0), "io_uring_register");
	while (freed < BUFFERS) {
		io_uring_buf_ring_add(buffers, received[freed], BUFFER_SIZE, freed, BUFFERS - 1, freed);
		freed++;
	}
}

static void watch_signals(void)
{
	sigset_t ends;
	int fd;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	must(sigprocmask(SIG_BLOCK, &ends, NULL), "sigprocmask");
	fd = must(signalfd(-1, &ends, SFD_CLOEXEC), "signalfd");
	io_uring_prep_poll_add(queue(NULL, SIGNAL), fd, POLLIN);
}

int main(int argc, char **argv)
{
	struct addrinfo *addr;
	struct rlimit files;

	if (argc != 2 || !(addr = resolve(argv[1]))) {
		fputs("usage: uring ADDR, such as 127.0.0.1:9000\n", stderr);
		return 2;
	}
	must(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");

	listener = listen_on(addr);
	set_up();
	watch_signals();
	accept_all();
	run();
	cancel_all();
	return 0;
}
