/*
 * cmd_top - `tamis top [--once]`: the numbers as they move.
 *
 * On a terminal it draws on the other screen, without echo, and gives both back however
 * it ends but by SIGKILL; elsewhere it prints a line a second.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "counters.h"
#include "state.h"
#include "top.h"

#define TEXT_BYTES ((size_t)64 * 1024)
#define EVERY_MS 1000
#define LINES 24
#define COLUMNS 80

#define OTHER_SCREEN "\033[?1049h\033[?25l"
#define OWN_SCREEN "\033[?25h\033[?1049l"

struct terminal {
	bool live;   /* drawn over and over */
	bool silent; /* keys are not echoed */
	struct termios as_it_was;
};

static enum status print(const char *text, struct reason *why)
{
	struct buf out;
	enum status status;

	buf_init(&out, TEXT_BYTES);
	buf_adds(&out, text);
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}

static enum status terminal_take(struct terminal *terminal, struct reason *why)
{
	struct termios quiet;

	if (!terminal->live)
		return ST_OK;
	if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &terminal->as_it_was) == 0) {
		quiet = terminal->as_it_was;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
		terminal->silent = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
	}
	return print(OTHER_SCREEN, why);
}

static void terminal_give_back(const struct terminal *terminal)
{
	if (terminal->silent)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal->as_it_was);
	if (terminal->live)
		(void)print(OWN_SCREEN, NULL);
}

static void add_screen(const struct top *top, struct buf *out)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col)
		size = (struct winsize){.ws_row = LINES, .ws_col = COLUMNS};
	top_screen(top, out, size.ws_row, size.ws_col);
}

/* Each line clears what was behind it, the last one what was below. */
static void add_frame(const struct top *top, struct buf *out)
{
	struct buf screen;

	buf_init(&screen, TEXT_BYTES);
	add_screen(top, &screen);
	buf_adds(out, "\033[H");
	for (size_t i = 0; buf_ok(&screen) && i < screen.len; i++) {
		if (screen.data[i] == '\n')
			buf_adds(out, "\033[K\r");
		buf_addc(out, screen.data[i]);
	}
	buf_adds(out, "\033[K\033[J");
	buf_free(&screen);
}

static enum status show(const struct top *top, const struct terminal *terminal, bool once,
			struct reason *why)
{
	enum status status;
	struct buf out;

	buf_init(&out, TEXT_BYTES);
	if (terminal->live) {
		add_frame(top, &out);
	} else if (once && isatty(STDOUT_FILENO)) {
		add_screen(top, &out);
		buf_addc(&out, '\n');
	} else {
		top_line(top, &out);
	}
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}

/* A second, or less when a key is pressed or a signal comes; true: it was q. */
static bool is_told_to_end(const struct terminal *terminal)
{
	struct pollfd keys = {.fd = terminal->silent ? STDIN_FILENO : -1, .events = POLLIN};
	char key = '\0';

	if (poll(&keys, 1, EVERY_MS) <= 0)
		return false;
	return read(STDIN_FILENO, &key, 1) <= 0 || key == 'q';
}

static enum status run(struct top *top, const struct terminal *terminal, bool once,
		       struct reason *why)
{
	const volatile sig_atomic_t *stopping = command_stop_flag();
	enum status status = top_look(top, why);
	bool end = false;

	if (status == ST_OK && terminal->live)
		status = show(top, terminal, once, why);
	while (status == ST_OK && !end) {
		end = is_told_to_end(terminal) || *stopping;
		if (end)
			break;
		status = top_look(top, why);
		if (status == ST_OK)
			status = show(top, terminal, once, why);
		end = once;
	}
	return status;
}

static enum status heading(const struct terminal *terminal, bool once, struct reason *why)
{
	enum status status;
	struct buf out;

	if (terminal->live || (once && isatty(STDOUT_FILENO)))
		return ST_OK;
	buf_init(&out, TEXT_BYTES);
	top_heading(&out);
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}

enum status cmd_top(const struct invocation *call, struct reason *why)
{
	struct top top = {.config = call->config};
	struct terminal terminal = {0};
	bool once;
	enum status status = command_flag(call, "once", &once, why);

	if (status != ST_OK)
		return status;
	terminal.live = !once && isatty(STDOUT_FILENO);
	status = state_there(call->config, why);
	if (status == ST_OK)
		status = counters_open(&top.counters, call->config, why);
	if (status != ST_OK)
		return status;
	status = heading(&terminal, once, why);
	if (status == ST_OK)
		status = terminal_take(&terminal, why);
	if (status == ST_OK)
		status = run(&top, &terminal, once, why);
	terminal_give_back(&terminal);
	top_free(&top);
	counters_close(top.counters);
	return status;
}
