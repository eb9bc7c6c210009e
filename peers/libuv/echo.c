/*
 * Echoes with libuv: one event loop, one thread, one buffer for reading. What a
 * peer does not take is kept, and nothing more is read from it until it has.
 *
 *   cc -O2 -o libuv echo.c -luv
 *   ./libuv 127.0.0.1:9000
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#define READ_SIZE (64 << 10)

struct conn {
	uv_tcp_t tcp;
	uv_write_t write;
	uv_buf_t out;
};

/* One loop reads one connection at a time, so all share the buffer. */
static char buffer[READ_SIZE];

static void must(int result, const char *call)
{
	if (result < 0) {
		fprintf(stderr, "libuv: %s: %s\n", call, uv_strerror(result));
		exit(1);
	}
}

static void freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop(struct conn *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, freed);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle, (void)suggested;
	*buf = uv_buf_init(buffer, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void on_written(uv_write_t *request, int status)
{
	struct conn *c = request->data;

	free(c->out.base);
	c->out = uv_buf_init(NULL, 0);
	if (status < 0 || uv_read_start((uv_stream_t *)&c->tcp, allocate, on_read) < 0)
		drop(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;
	uv_buf_t whole = uv_buf_init(buf->base, n > 0 ? n : 0);
	int sent;

	if (n == 0) /* nothing to read after all */
		return;
	if (n < 0) {
		drop(c);
		return;
	}
	sent = uv_try_write(stream, &whole, 1);
	if (sent == n)
		return;
	if (sent < 0 && sent != UV_EAGAIN) {
		drop(c);
		return;
	}
	sent = sent > 0 ? sent : 0;
	c->out = uv_buf_init(malloc(n - sent), n - sent);
	if (!c->out.base) {
		drop(c);
		return;
	}
	memcpy(c->out.base, buf->base + sent, n - sent);
	uv_read_stop(stream);
	if (uv_write(&c->write, stream, &c->out, 1, on_written) < 0) {
		free(c->out.base);
		drop(c);
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct conn *c = status < 0 ? NULL : calloc(1, sizeof *c);

	if (!c)
		return;
	c->tcp.data = c->write.data = c;
	uv_tcp_init(listener->loop, &c->tcp);
	if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0 ||
	    uv_tcp_nodelay(&c->tcp, 1) < 0 ||
	    uv_read_start((uv_stream_t *)&c->tcp, allocate, on_read) < 0)
		drop(c);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

static int resolve(char *addr, struct sockaddr_storage *into)
{
	char *colon = strrchr(addr, ':');

	if (!colon)
		return -1;
	*colon = 0;
	if (addr[0] != '[')
		return uv_ip4_addr(addr, atoi(colon + 1), (struct sockaddr_in *)into);
	colon[-1] = 0;
	return uv_ip6_addr(addr + 1, atoi(colon + 1), (struct sockaddr_in6 *)into);
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_storage addr;
	struct rlimit files;
	uv_signal_t ends;
	uv_tcp_t listener;

	if (argc != 2 || resolve(argv[1], &addr) < 0) {
		fputs("usage: libuv ADDR, such as 127.0.0.1:9000\n", stderr);
		return 2;
	}
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	must(uv_signal_init(loop, &ends), "uv_signal_init");
	must(uv_signal_start(&ends, on_signal, SIGTERM), "uv_signal_start");
	must(uv_tcp_init(loop, &listener), "uv_tcp_init");
	must(uv_tcp_bind(&listener, (struct sockaddr *)&addr, 0), "uv_tcp_bind");
	must(uv_listen((uv_stream_t *)&listener, 65535, on_connection), "uv_listen");
	must(uv_run(loop, UV_RUN_DEFAULT), "uv_run");
	return 0;
}
