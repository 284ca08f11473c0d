#ifndef STUDIES_DIAGNOSIS_H
#define STUDIES_DIAGNOSIS_H
/*
 * Where the back pressure of a run comes from, which pool or limit it works through, and what to
 * try.
 *
 * Back pressure spreads from the bottleneck to the sources, so the culprit stands behind the last
 * vertex that is back-pressured: if a task there is busy, its service is the limit, and buffers can
 * only move the queue. If none is busy, what lies between the two is the limit: credits, the link,
 * or a pool.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/text.h"
#include "studies/outcome.h"

/* A subtask that is busy for at least this share of the time is the limit, when those in front of
 * it are never idle. */
#define STUDY_SATURATED 0.80

/* Busy for this share, it is the limit in any case. */
#define STUDY_FULL 0.98

enum study_cause {
    STUDY_CAUSE_NONE,    /* nobody is back-pressured */
    STUDY_CAUSE_SERVICE, /* all subtasks of `vertex` are busy */
    STUDY_CAUSE_SKEW,    /* one subtask of `vertex` is busy, others are not */
    STUDY_CAUSE_BURSTS,  /* `vertex` is busy, but not for long: bursts fill the pools */
    STUDY_CAUSE_CREDIT,  /* data waits for credit, and the consumer is not busy */
    STUDY_CAUSE_LINK,    /* data waits for a connection */
    STUDY_CAUSE_GLOBAL,  /* the task manager has no segment left */
    STUDY_CAUSE_CHANNEL, /* a subpartition is at max-buffers-per-channel */
    STUDY_CAUSE_QUOTA,   /* the output pool is used up */
};

/* Through what the back-pressured vertex notices: what it waits for. */
enum study_limit {
    STUDY_LIMIT_NONE,
    STUDY_LIMIT_QUOTA,
    STUDY_LIMIT_CHANNEL,
    STUDY_LIMIT_GLOBAL,
};

struct study_diagnosis {
    enum study_cause cause;
    uint32_t vertex;        /* the bottleneck; the busiest vertex when there is none */
    uint32_t subtask;       /* its busiest */
    bool has_pressed;       /* `pressed`, `limit` mean something */
    uint32_t pressed;       /* the vertex in front of it that is back-pressured */
    uint32_t pressed_worst; /* its subtask that is it most */
    enum study_limit limit; /* that stops it */
    double limit_share;     /* of the time */
    uint32_t link_from;     /* STUDY_CAUSE_LINK: the task managers, and its load */
    uint32_t link_to;
    double link_share;
    struct sim_text key;    /* to try first; empty: none */
    const char *direction;  /* of the key: "up", "down"; NULL without one */
    struct sim_text what;   /* one sentence: the bottleneck */
    struct sim_text why;    /* the evidence: which limit binds */
    struct sim_text when;   /* where it was at which time; empty: always at one place */
    struct sim_text advice; /* what to try */
    struct sim_text note;   /* what to doubt in these numbers; empty: nothing */
};

/* The caller ends it by study_diagnosis_finish(). */
void study_diagnose(struct study_diagnosis *diagnosis, const struct study_outcome *outcome);
void study_diagnosis_finish(struct study_diagnosis *diagnosis);

/* The back-pressured subtask in front of the bottleneck; only when has_pressed. */
const struct net_task_totals *study_pressed_task(const struct study_diagnosis *diagnosis,
                                                 const struct study_outcome *outcome);

const char *study_cause_name(enum study_cause cause);
const char *study_limit_name(enum study_limit limit);

/* The limit that kept the outputs of a subtask unavailable longest, and for which share of the
 * time. */
enum study_limit study_limit_of(const struct net_task_totals *task, double *share);

#endif
