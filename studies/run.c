#include "studies/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/rank.h"
#include "models/world.h"
#include "sim/arena.h"
#include "sim/sim.h"
#include "studies/channels.h"
#include "studies/checkpoints.h"

/* A slice of a run should take about this long on a real clock. */
#define SLICE_SHORTEST_NS 20000000
#define SLICE_LONGEST_NS 80000000

struct study_run {
    struct study_run_params params;
    const struct net_spec *spec;
    struct sim *sim;
    struct net_world *world; /* NULL: the job could not start */
    struct sim_recorder *recorder;
    struct study_samples *samples;
    struct study_moments *moments;
    struct study_outcome outcome;
    FILE *series;
    FILE *channels;
    FILE *checkpoint_file;
    struct study_checkpoints checkpoints;
    sim_time channels_every;
    sim_time channels_next;
    sim_time slice;
    struct study_windows windows;
    uint32_t begun; /* windows */
    struct study_settling *settling;
    struct study_warmup warmup;
};

bool study_run_has_checkpoints(const struct study_run *run)
{
    return run->spec->config.checkpoint_interval > 0 || run->spec->run.checkpoint_count > 0;
}

static bool open_files(struct study_run *run, struct sim_err *err)
{
    struct study_folder *folder = run->params.folder;

    if (folder == NULL) {
        return true;
    }
    run->series = study_folder_open(folder, "series.csv", err);
    if (run->series == NULL) {
        return false;
    }
    if (run->world != NULL && study_run_has_checkpoints(run)) {
        run->checkpoint_file = study_folder_open(folder, "checkpoints.csv", err);
        if (run->checkpoint_file == NULL) {
            return false;
        }
    }
    if (run->world == NULL || !(run->spec->run.has_channels || run->params.wants_channels)) {
        return true;
    }
    run->channels_every =
        study_channels_interval(run->spec->run.duration, net_world_channel_count(run->world),
                                run->spec->run.has_channels && !run->params.wants_channels);
    if (run->channels_every == 0) {
        run->outcome.channels_left_out = net_world_channel_count(run->world);
        return true;
    }
    run->channels = study_folder_open(folder, "channels.csv", err);
    if (run->channels == NULL) {
        return false;
    }
    study_channels_begin(run->channels);
    return true;
}

/* The world, or an outcome that says why there is none. */
static bool create_world(struct study_run *run, struct sim_err *err)
{
    struct net_world_params params = {
        .seed = run->params.seed,
        .replication = run->params.replication,
        .has_audits = run->params.has_audits,
        .per_record = run->params.per_record,
    };
    struct sim_err why = {0};

    run->world = net_world_create(run->sim, run->spec, &params, &why);
    if (run->world != NULL) {
        return true;
    }
    if (why.code != SIM_ERR_ANSWER) {
        if (err != NULL) {
            *err = why;
        }
        return false;
    }
    run->outcome.stop = STUDY_STOP_REFUSED;
    snprintf(run->outcome.refusal, sizeof run->outcome.refusal, "%s", why.text);
    return true;
}

/* The sink of the recorder. */
static bool take_sample(void *arg, sim_time now, uint32_t series, double value)
{
    struct study_run *run = arg;

    if (run->params.watch != NULL) {
        run->params.watch(run->params.watch_arg, sim_recorder_series(run->recorder, series), now,
                          value);
    }
    study_moments_add(run->moments, now, series, value);
    return study_samples_add(run->samples, now, series, value);
}

struct study_run *study_run_create(const struct study_run_params *params, struct sim_err *err)
{
    struct study_run *run = sim_alloc(1, sizeof *run);
    const struct net_run_spec *times = &params->spec->run;

    run->params = *params;
    run->spec = params->spec;
    run->sim = sim_create();
    run->slice = SIM_MS;
    study_outcome_init(&run->outcome, params->spec);
    run->outcome.seed = params->seed;
    run->outcome.replication = params->replication;
    if (!create_world(run, err) || !open_files(run, err)) {
        study_run_destroy(run);
        return NULL;
    }
    run->windows = params->seeks_warmup && study_warmup_is_sought(times)
                       ? study_warmup_windows(times)
                       : (struct study_windows){.from = times->warmup, .count = 1};
    run->settling = study_settling_create(run->spec);
    run->samples = study_samples_create(times->sample, &run->windows, run->series);
    study_checkpoints_init(&run->checkpoints, run->spec, &run->windows, run->checkpoint_file);
    if (run->world != NULL) {
        net_world_on_checkpoint(run->world, study_checkpoints_add, &run->checkpoints);
        run->recorder =
            sim_recorder_create(run->sim, times->sample, NET_RANK_SAMPLE, take_sample, run);
        net_world_record(run->world, run->recorder);
        study_samples_bind(run->samples, run->recorder);
        run->moments = study_moments_create(run->spec, run->recorder, &run->windows);
    }
    return run;
}

void study_run_destroy(struct study_run *run)
{
    if (run == NULL) {
        return;
    }
    if (run->series != NULL) {
        fclose(run->series);
    }
    if (run->channels != NULL) {
        fclose(run->channels);
    }
    if (run->checkpoint_file != NULL) {
        fclose(run->checkpoint_file);
    }
    study_checkpoints_finish(&run->checkpoints);
    study_outcome_finish(&run->outcome);
    study_samples_destroy(run->samples);
    study_moments_destroy(run->moments);
    study_settling_destroy(run->settling);
    sim_recorder_destroy(run->recorder);
    net_world_destroy(run->world);
    sim_destroy(run->sim);
    free(run);
}

static int64_t real_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static sim_time earlier(sim_time a, sim_time b)
{
    return a < b ? a : b;
}

/* The next instant at which something is to be done from outside. */
static sim_time next_halt(const struct study_run *run, sim_time now)
{
    sim_time halt = run->spec->run.duration;

    if (now < halt - run->slice) {
        halt = now + run->slice;
    }
    if (run->begun < run->windows.count) {
        halt = earlier(halt, study_window_begin(&run->windows, run->begun));
    }
    if (run->channels != NULL) {
        halt = earlier(halt, run->channels_next);
    }
    return earlier(halt, study_settling_next(run->settling));
}

/* A window begins. */
static void mark(struct study_run *run)
{
    run->begun++;
    net_world_mark(run->world);
    sim_recorder_mark(run->recorder);
    study_settling_mark(run->settling);
}

/* What is done between two slices, all events up to now having fired. */
static void halt_at(struct study_run *run, sim_time now)
{
    if (now >= study_settling_next(run->settling)) {
        study_settling_look(run->settling, run->world);
    }
    if (run->begun < run->windows.count && now >= study_window_begin(&run->windows, run->begun)) {
        mark(run);
    }
    if (run->channels != NULL && now >= run->channels_next) {
        study_channels_write(run->channels, run->spec, run->world, now, run->channels_every);
        run->channels_next += run->channels_every;
    }
}

static bool has_write_error(const struct study_run *run)
{
    return sim_recorder_failed(run->recorder) ||
           (run->channels != NULL && ferror(run->channels) != 0) ||
           (run->checkpoint_file != NULL && ferror(run->checkpoint_file) != 0);
}

/* Slices get longer while they are quick and shorter while they are slow, so that an interrupt is
 * seen soon in any scenario. */
static void adapt_slice(struct study_run *run, int64_t took_ns)
{
    if (took_ns < SLICE_SHORTEST_NS && run->slice < SIM_TIME_MAX / 4) {
        run->slice *= 2;
    } else if (took_ns > SLICE_LONGEST_NS && run->slice > SIM_US) {
        run->slice /= 2;
    }
}

static enum study_stop run_slices(struct study_run *run)
{
    const struct study_run_params *params = &run->params;
    int64_t before = real_time();
    sim_time told = 0;
    sim_time now;

    for (;;) {
        enum sim_stop stop = sim_run(run->sim, next_halt(run, sim_now(run->sim)));

        now = sim_now(run->sim);
        if (has_write_error(run)) {
            return STUDY_STOP_OUTPUT;
        }
        halt_at(run, now);
        if (net_world_stopped_for(run->world) != NET_STOP_NONE) {
            return net_world_stopped_for(run->world) == NET_STOP_RECORDS ? STUDY_STOP_RECORDS
                                                                         : STUDY_STOP_DRAINED;
        }
        if (stop == SIM_STOP_EMPTY) {
            return STUDY_STOP_EMPTY;
        }
        if (now >= run->spec->run.duration) {
            return STUDY_STOP_DURATION;
        }
        if (now - told >= run->slice) {
            int64_t after = real_time();

            adapt_slice(run, after - before);
            before = after;
            told = now;
            if (params->progress != NULL &&
                !params->progress(params->progress_arg, now, sim_events_fired(run->sim))) {
                return STUDY_STOP_INTERRUPTED;
            }
        }
    }
}

static bool close_file(struct study_run *run, FILE **file, const char *name, struct sim_err *err)
{
    FILE *closing = *file;

    *file = NULL;
    return closing == NULL || study_folder_close(run->params.folder, closing, name, err);
}

/* The totals are of the windows from `first` on. */
static void read_from(struct study_run *run, uint32_t first)
{
    struct study_outcome *outcome = &run->outcome;

    outcome->window_from = study_window_begin(&run->windows, first);
    net_world_cut(run->world, first);
    sim_recorder_cut(run->recorder, first);
    study_samples_cut(run->samples, first);
    study_moments_cut(run->moments, first);
    study_checkpoints_cut(&run->checkpoints, first);
    study_outcome_read(outcome, run->world, sim_now(run->sim));
    outcome->moments = study_moments_list(run->moments, &outcome->moment_count, &outcome->watched);
}

bool study_run_go(struct study_run *run, struct sim_err *err)
{
    struct study_outcome *outcome = &run->outcome;

    if (run->world != NULL) {
        if (run->windows.from == 0) {
            mark(run);
        }
        sim_recorder_start(run->recorder);
        net_world_start(run->world);
        outcome->stop = run_slices(run);
        outcome->events = sim_events_fired(run->sim);
        outcome->record_hops = net_world_record_hops(run->world);
        outcome->trajectory_hash = sim_trace_hash(run->sim);
        outcome->simulated = sim_now(run->sim);
        study_settling_judge(run->settling, run->windows.count > 1, &run->warmup);
        if (run->begun == 0) { /* it ended before */
            run->windows.from = outcome->simulated;
            mark(run);
        }
        if (run->windows.count == 1) {
            read_from(run, 0);
        }
    }
    if (outcome->stop == STUDY_STOP_OUTPUT) {
        int why = study_samples_error(run->samples);

        return sim_err_set_errno(err, why != 0 ? why : ENOSPC, "cannot write the samples");
    }
    return close_file(run, &run->series, "series.csv", err) &&
           close_file(run, &run->channels, "channels.csv", err) &&
           close_file(run, &run->checkpoint_file, "checkpoints.csv", err);
}

const struct study_warmup *study_run_warmup(const struct study_run *run)
{
    return &run->warmup;
}

void study_run_cut(struct study_run *run, sim_time from)
{
    uint32_t first = 0;

    if (run->world == NULL || run->windows.count == 1) {
        return;
    }
    while (first + 1 < run->begun && study_window_begin(&run->windows, first) < from) {
        first++;
    }
    read_from(run, first);
}

const struct study_outcome *study_run_outcome(const struct study_run *run)
{
    return &run->outcome;
}

const struct study_row *study_run_rows(const struct study_run *run, size_t *count)
{
    return study_samples_rows(run->samples, count);
}

const struct study_checkpoints *study_run_checkpoints(const struct study_run *run)
{
    return &run->checkpoints;
}

const struct sim_recorder *study_run_recorder(const struct study_run *run)
{
    return run->recorder;
}
