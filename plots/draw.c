#include "plots/draw.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plots/compare.h"
#include "plots/csv.h"
#include "plots/feed.h"

extern char **environ;

/* What a chart needs, beside its script plots/NAME.gp. */
struct chart {
    const char *name;
    bool has_data;
    bool is_picture;   /* it cannot be drawn in characters */
    const char *lacks; /* what to say when it has none; NULL: nothing */
};

enum {
    PATH_SIZE = 1024,
    MOST_COMPLAINTS = 4000, /* bytes of gnuplot's messages that are kept */
};

static bool make_directory(const char *path, struct sim_err *err)
{
    struct stat status;
    if (mkdir(path, 0777) == 0 || (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        return true;
    }
    return sim_err_set_errno(err, errno, "cannot make the folder %s", path);
}

bool plt_make_folders(const char *path, struct sim_err *err)
{
    char part[PATH_SIZE];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (!make_directory(part, err)) {
            return false;
        }
    }
    return make_directory(path, err);
}

static bool find_scripts(char *path, struct sim_err *err)
{
    const char *const folders[] = {getenv("SLUICE_PLOTS"), PLT_SOURCE_DIR, PLT_INSTALL_DIR};
    char script[PATH_SIZE];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (folders[i] && plt_path(script, sizeof script, folders[i], "common.gp", NULL) &&
            access(script, R_OK) == 0) {
            return snprintf(path, PATH_SIZE, "%s", folders[i]) < PATH_SIZE;
        }
        if (i == 0 && folders[0]) {
            break;
        }
    }
    return sim_err_set(err, SIM_ERR_SYSTEM,
                       "the gnuplot scripts are not in %s: set SLUICE_PLOTS to their folder",
                       folders[0] ? folders[0] : PLT_INSTALL_DIR);
}

/* Reads what the process writes to stderr until it ends; keeps the beginning. */
static void read_complaints(int from, struct sim_text *complaints)
{
    char bytes[512];
    ssize_t count;
    while ((count = read(from, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR)) {
        if (count > 0 && complaints->length < MOST_COMPLAINTS) {
            sim_text_add_bytes(complaints, bytes, (size_t)count);
        }
    }
}

/* Starts a program with its stderr into a pipe, and its stdout into a file where one is named;
 * false with errno when it cannot be started. */
static bool start(char *const arguments[], const char *into, pid_t *child, int *complaints)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return false;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (into) {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, into,
                                         O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    int error = posix_spawnp(child, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        errno = error;
        return false;
    }
    *complaints = ends[0];
    return true;
}

static bool is_missing(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == 127;
}

static bool fail_missing(const char *data, struct sim_err *err)
{
    return sim_err_set(err, SIM_ERR_SYSTEM,
                       "gnuplot not found: install it with 'apt install gnuplot-nox'; the data are "
                       "kept in %s",
                       data);
}

/* Messages of several lines as one, for an error has one line. */
static void flatten(struct sim_text *text)
{
    for (size_t i = 0; i < text->length; i++) {
        if ((unsigned char)text->bytes[i] < 0x20) {
            text->bytes[i] = ' ';
        }
    }
}

/* Runs gnuplot on a script; complaints of a good run are added to the notes. */
static bool run_gnuplot(char *const arguments[], const char *into, const char *data,
                        struct sim_text *notes, struct sim_err *err)
{
    pid_t child;
    int from;
    if (!start(arguments, into, &child, &from)) {
        return errno == ENOENT ? fail_missing(data, err)
                               : sim_err_set_errno(err, errno, "cannot start gnuplot");
    }
    struct sim_text complaints = {0};
    read_complaints(from, &complaints);
    close(from);
    flatten(&complaints);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (is_missing(status)) {
        fail_missing(data, err);
    } else if (!is_good) {
        sim_err_set(err, SIM_ERR_SYSTEM, "gnuplot failed (%s %d): %.600s; the data are kept in %s",
                    WIFEXITED(status) ? "status" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
                    complaints.length > 0 ? sim_text_get(&complaints) : "without a message", data);
    } else if (complaints.length > 0) {
        sim_text_add(notes, "gnuplot: %s\n", sim_text_get(&complaints));
    }
    sim_text_finish(&complaints);
    return is_good;
}

/* gnuplot can end well without having written a thing, on a full disk for one. */
static bool put_in_place(const char *aside, const char *path, struct sim_err *err)
{
    struct stat status;
    if (stat(aside, &status) != 0 || status.st_size == 0) {
        remove(aside);
        return sim_err_set(err, SIM_ERR_SYSTEM, "gnuplot wrote no picture to %s", path);
    }
    if (rename(aside, path) != 0) {
        return sim_err_set_errno(err, errno, "cannot rename %s", aside);
    }
    return true;
}

/* Adds what was drawn in characters: without form feeds, blanks at the end of a line, and more than
 * one empty line together. */
static bool add_drawing(const char *path, struct sim_text *drawing, struct sim_err *err)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        return sim_err_set_errno(err, errno, "cannot open %s", path);
    }
    char line[1024];
    bool was_empty = true;
    while (fgets(line, sizeof line, file)) {
        char *start_at = line + strspn(line, "\f");
        size_t length = strlen(start_at);
        while (length > 0 && strchr(" \f\n", start_at[length - 1])) {
            length--;
        }
        if (length > 0 || !was_empty) {
            sim_text_add_bytes(drawing, start_at, length);
            sim_text_add_bytes(drawing, "\n", 1);
        }
        was_empty = length == 0;
    }
    bool is_bad = ferror(file) != 0;
    fclose(file);
    remove(path);
    return is_bad ? sim_err_set(err, SIM_ERR_SYSTEM, "cannot read %s", path) : true;
}

/* The folders that one drawing is about, and where its words go. */
struct places {
    char charts[PATH_SIZE];
    char data[PATH_SIZE];
    char scripts[PATH_SIZE];
    struct sim_text *drawing;
    struct sim_text *notes;
};

static bool draw_chart(const struct plt_order *order, const struct places *places, const char *name,
                       const char *terminal, struct sim_err *err)
{
    char script_name[64];
    char picture_name[64];
    char aside_name[80];
    char script[PATH_SIZE];
    char picture[PATH_SIZE];
    char aside[PATH_SIZE];
    snprintf(script_name, sizeof script_name, "%s.gp", name);
    snprintf(picture_name, sizeof picture_name, "%s.%s", name, terminal);
    snprintf(aside_name, sizeof aside_name, ".%s.part", picture_name);
    if (!plt_path(script, sizeof script, places->scripts, script_name, err) ||
        !plt_path(picture, sizeof picture, places->charts, picture_name, err) ||
        !plt_path(aside, sizeof aside, places->charts, aside_name, err)) {
        return false;
    }
    const char *const words[] = {"gnuplot",     "-d",     "-c",  script,
                                 order->result, terminal, aside, places->data};
    char *arguments[sizeof words / sizeof words[0] + 1] = {0};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        arguments[i] = (char *)words[i]; /* posix_spawn() does not write to them */
    }
    bool is_dumb = strcmp(terminal, "dumb") == 0;
    if (!run_gnuplot(arguments, is_dumb ? aside : NULL, places->data, places->notes, err)) {
        remove(aside);
        return false;
    }
    return is_dumb ? add_drawing(aside, places->drawing, err) : put_in_place(aside, picture, err);
}

static bool find_places(const struct plt_order *order, struct places *places, struct sim_err *err)
{
    if (order->directory) {
        if (snprintf(places->charts, sizeof places->charts, "%s", order->directory) >=
            (int)sizeof places->charts) {
            return sim_err_set(err, SIM_ERR_LIMIT, "the path of the charts is too long");
        }
    } else if (!plt_path(places->charts, sizeof places->charts, order->result, "charts", err)) {
        return false;
    }
    return plt_path(places->data, sizeof places->data, places->charts, "data", err);
}

/* Draw those charts that there are data for, and say which are left out. */
static bool draw_charts(const struct plt_order *order, const struct places *places,
                        const struct chart *charts, size_t count, struct sim_err *err)
{
    static const struct {
        unsigned bit;
        const char *name;
    } terminals[] = {{PLT_SVG, "svg"}, {PLT_PNG, "png"}, {PLT_DUMB, "dumb"}};
    for (size_t i = 0; i < count; i++) {
        if (!charts[i].has_data && order->terminals != 0 && charts[i].lacks) {
            sim_text_add(places->notes, "%s: no %s chart, %s\n", order->result, charts[i].name,
                         charts[i].lacks);
        }
        for (size_t j = 0; j < sizeof terminals / sizeof terminals[0]; j++) {
            bool is_asked = (order->terminals & terminals[j].bit) != 0 &&
                            !(charts[i].is_picture && terminals[j].bit == PLT_DUMB);
            if (charts[i].has_data && is_asked &&
                !draw_chart(order, places, charts[i].name, terminals[j].name, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool draw_run(const struct plt_order *order, const struct places *places,
                     struct sim_err *err)
{
    struct plt_feed feed;
    if (!plt_feed(order->result, places->data, &feed, err)) {
        return false;
    }
    const struct chart charts[] = {
        {"overview", feed.vertices > 0, false, "series.csv has no vertex"},
        {"usages", feed.has_usages, false, "series.csv has no pool usage"},
        {"buffers", feed.has_buffers, false, "series.csv has no buffers in use"},
        {"channels", feed.has_channels, false, "there is no channels.csv"},
        {"latency", feed.has_latency, false, "there is no latency.csv, or no record arrived"},
    };
    return draw_charts(order, places, charts, sizeof charts / sizeof charts[0], err);
}

static bool draw_comparison(const struct plt_order *order, const struct places *places,
                            struct sim_err *err)
{
    struct plt_compare_feed feed;
    if (!plt_compare_feed(order->result, places->data, &feed, places->notes, err)) {
        return false;
    }
    const struct chart charts[] = {
        {"compare", feed.has_dots, false, "compare.csv has neither rates nor latencies of a sink"},
        {"compare-time", feed.has_time, true, "no configuration has samples"},
        {"compare-heat", feed.has_map, false, NULL},
    };
    return draw_charts(order, places, charts, sizeof charts / sizeof charts[0], err);
}

bool plt_draw(const struct plt_order *order, struct sim_text *drawing, struct sim_text *notes,
              struct sim_err *err)
{
    struct places places = {.drawing = drawing, .notes = notes};
    char series[PATH_SIZE];
    if (!plt_path(series, sizeof series, order->result, "series.csv", err)) {
        return false;
    }
    if (access(series, F_OK) != 0 && !plt_compare_is(order->result)) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "%s is not a result folder: it has neither series.csv nor compare.csv",
                           order->result);
    }
    if (!find_places(order, &places, err) || !plt_make_folders(places.data, err) ||
        (order->terminals != 0 && !find_scripts(places.scripts, err))) {
        return false;
    }
    return plt_compare_is(order->result) ? draw_comparison(order, &places, err)
                                         : draw_run(order, &places, err);
}

bool plt_draw_script(const char *name, const char *directory, unsigned terminals,
                     struct sim_text *notes, struct sim_err *err)
{
    struct plt_order order = {.directory = directory};
    struct places places = {.notes = notes};
    if (!find_places(&order, &places, err) || !find_scripts(places.scripts, err)) {
        return false;
    }
    order.result = places.data;
    return ((terminals & PLT_SVG) == 0 || draw_chart(&order, &places, name, "svg", err)) &&
           ((terminals & PLT_PNG) == 0 || draw_chart(&order, &places, name, "png", err));
}
