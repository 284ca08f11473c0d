#include "cli/progress.h"

#include <inttypes.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/memory.h"
#include "sim/number.h"

#define BAR_COLUMNS 24
#define MOST_COLUMNS 80
#define REDRAW_NS 100000000

static int64_t real_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void cli_progress_begin(struct cli_progress *progress, sim_time duration,
                        const struct cli_interrupt *interrupt)
{
    *progress = (struct cli_progress){.duration = duration,
                                      .began_ns = real_time(),
                                      .is_shown = cli_has_progress(),
                                      .interrupt = interrupt};
    progress->shown_ns = progress->began_ns;
}

/* Columns of the terminal, less the last one, which would break the line. */
static int line_columns(void)
{
#ifdef TIOCGWINSZ
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 &&
        size.ws_col <= MOST_COLUMNS) {
        return size.ws_col - 1;
    }
#endif
    return MOST_COLUMNS - 1;
}

/* A line that is too long for the terminal is cut: broken, it could not be drawn over. */
static void draw(struct cli_progress *progress, sim_time now, uint64_t events, int64_t elapsed_ns)
{
    double share = (double)now / (double)progress->duration;
    double seconds = (double)elapsed_ns / 1e9;
    int filled = (int)(share * BAR_COLUMNS);
    char bar[BAR_COLUMNS + 1];
    char speed[32];
    char line[256];

    sim_number_format_count(speed, sizeof speed, (double)events / seconds);
    for (int i = 0; i < BAR_COLUMNS; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    bar[BAR_COLUMNS] = 0;
    snprintf(line, sizeof line, "[%s] %3.0f %%  %.1f of %.1f s, %s events/s, %.1f s a second", bar,
             100 * share, (double)now / 1e9, (double)progress->duration / 1e9, speed,
             (double)now / 1e9 / seconds);
    progress->columns = line_columns();
    fprintf(stderr, "\r%-*.*s", progress->columns, progress->columns, line);
    fflush(stderr);
}

bool cli_progress_tell(void *arg, sim_time now, uint64_t events)
{
    struct cli_progress *progress = arg;

    progress->simulated = now;
    progress->events = events;
    if (cli_interrupt_came(progress->interrupt)) {
        progress->was_interrupted = true;
        return false;
    }
    if (progress->is_shown) {
        int64_t clock = real_time();

        if (clock - progress->shown_ns >= REDRAW_NS) {
            draw(progress, now, events, clock - progress->began_ns);
            progress->shown_ns = clock;
            progress->is_drawn = true;
        }
    }
    return true;
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->is_drawn) {
        fprintf(stderr, "\r%*s\r", progress->columns, "");
        progress->is_drawn = false;
    }
}

void cli_progress_cost(const struct cli_progress *progress, uint64_t record_hops)
{
    double seconds = (double)(real_time() - progress->began_ns) / 1e9;
    char speed[32];
    char hops[32];
    char memory[32];

    sim_number_format_count(speed, sizeof speed, (double)progress->events / seconds);
    sim_number_format_count(hops, sizeof hops, (double)record_hops / seconds);
    sim_number_format_bytes(memory, sizeof memory, (int64_t)cli_memory_peak());
    if (progress->events == 0) {
        fprintf(stderr, "no events, as nothing was simulated; peak memory %s\n", memory);
        return;
    }
    fprintf(stderr,
            "%" PRIu64 " events and %" PRIu64
            " record-hops in %.2f s: %s events/s,\n    %s record-hops/s, "
            "%.1f simulated seconds a second; peak memory %s\n",
            progress->events, record_hops, seconds, speed, hops,
            (double)progress->simulated / 1e9 / seconds, memory);
}
