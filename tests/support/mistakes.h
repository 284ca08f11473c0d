#ifndef TESTS_MISTAKES_H
#define TESTS_MISTAKES_H
/*
 * Scenarios with something wrong in them, and what the reader has to say. Include after cmocka.h.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/reader/scenario.h"

/* A job and a run that are fine. Three slots for up to three vertices. */
#define JOB_HEAD "job:\n  vertices:\n"
#define SOURCE "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
#define SINK "    - {name: k, process: {}}\n"
#define EDGE "    - {from: s, to: k, partition: rebalance}\n"
#define JOB JOB_HEAD SOURCE SINK "  edges:\n" EDGE
#define RUN "run: {duration: 10s}\n"
#define CLUSTER "cluster: {slots-per-taskmanager: 3}\n"

/* The same with one part of it replaced, or with more behind it. */
#define WITH(vertex)                                                                               \
    JOB_HEAD SOURCE "    - " vertex "\n" SINK "  edges:\n" EDGE                                    \
                    "    - {from: s, to: x, partition: hash}\n" RUN CLUSTER
#define PROCESS(process)                                                                           \
    JOB_HEAD SOURCE "    - {name: k, process: " process "}\n  edges:\n" EDGE RUN CLUSTER
#define SERVICE(service) PROCESS("{service: " service "}")
#define SOURCE_OF(source)                                                                          \
    JOB_HEAD "    - {name: s, source: " source "}\n" SINK "  edges:\n" EDGE RUN CLUSTER
#define EDGES(edges) JOB_HEAD SOURCE SINK "  edges:\n" edges RUN CLUSTER
#define RUN_OF(run) JOB "run: " run "\n"
#define AFTER(more) JOB RUN more "\n"
#define FLINK(key) AFTER("flink:\n  " key)

struct mistake {
    const char *text;
    const char *expected; /* "line:column: message" of each, a line each */
};

static inline void collect(const struct scn_diagnostics *list, bool warnings, struct sim_text *text)
{
    for (const struct scn_diagnostic *item = list->first; item; item = item->next) {
        if (item->is_warning == warnings) {
            sim_text_add(text, "%s%u:%u: %s", text->length > 0 ? "\n" : "", item->place.line,
                         scn_place_column(&item->place), item->text);
        }
    }
}

static inline void check_texts(const struct mistake *mistakes, size_t count, bool warnings)
{
    for (size_t i = 0; i < count; i++) {
        struct scn_scenario scenario;
        struct sim_text found = {0};
        const char *text = mistakes[i].text;
        bool is_good = scn_scenario_read_text(&scenario, text, strlen(text), NULL);
        collect(&scenario.diagnostics, warnings, &found);
        if (strcmp(sim_text_get(&found), mistakes[i].expected) != 0) {
            print_error("%s\nexpected: %s\nfound:    %s\n", text, mistakes[i].expected,
                        sim_text_get(&found));
            fail();
        }
        assert_int_equal(is_good, warnings);
        assert_int_equal(scenario.code, warnings ? SIM_ERR_NONE : SIM_ERR_INPUT);
        sim_text_finish(&found);
        scn_scenario_finish(&scenario);
    }
}

#define CHECK(mistakes) check_texts(mistakes, sizeof(mistakes) / sizeof(mistakes[0]), false)
#define CHECK_WARNINGS(texts) check_texts(texts, sizeof(texts) / sizeof(texts[0]), true)

#endif
