/*
 * The documentation of the keys, from the schema table.
 */
#include <string.h>

#include "scenarios/reader/schema.h"
#include "sim/number.h"

struct section {
    enum scn_group group;
    const char *title;
    const char *text; /* above the table, or NULL */
};

static const struct section sections[] = {
    {SCN_TOP, "Top level", NULL},
    {SCN_CLUSTER, "`cluster`", NULL},
    {SCN_LINK, "`cluster.link`", NULL},
    {SCN_LINK_PAIR, "`cluster.links[]`", NULL},
    {SCN_NIC, "`cluster.nic`", NULL},
    {SCN_SLOW, "`slow[]`", "Of a link."},
    {SCN_PAUSE, "`cluster.pauses[]`", "All tasks stop that fit what is given."},
    {SCN_JOB, "`job`", NULL},
    {SCN_VERTEX, "`job.vertices[]`", "A vertex has either `source` or `process`."},
    {SCN_SOURCE, "`job.vertices[].source`", "A source has one of `rate`, `phases` and `trace`."},
    {SCN_RATE_PHASE, "`job.vertices[].source.phases[]`", NULL},
    {SCN_TRACE, "`job.vertices[].source.trace`", NULL},
    {SCN_KEYS, "`job.vertices[].source.keys`", NULL},
    {SCN_PROCESS, "`job.vertices[].process`", NULL},
    {SCN_INPUT, "`job.vertices[].process.by-input[]`",
     "Two entries, in the order of the edges that lead into the vertex."},
    {SCN_SERVICE, "`service`", "One of the distributions, and what changes it."},
    {SCN_FACTOR_PHASE, "`service.phases[]`", NULL},
    {SCN_FACTOR_CHANGE, "`service.changes[]`", NULL},
    {SCN_EMIT, "`job.vertices[].process.emit`", NULL},
    {SCN_DISTRIBUTION, "`record-size` and `jitter` as a mapping",
     "One of the distributions, of sizes in `record-size` and of durations in `jitter`. A record "
     "has 17 B to 1 GiB: a size that is drawn below or above is moved to that limit."},
    {SCN_MEAN_CV, "`gamma`, `lognormal`", NULL},
    {SCN_SCALE_SHAPE, "`weibull`", NULL},
    {SCN_MIN_TAIL, "`pareto`", NULL},
    {SCN_DISCRETE, "`discrete`", NULL},
    {SCN_EMPIRICAL, "`empirical`",
     "Either `file` or `values`; all of a scenario have at most 50000 values."},
    {SCN_EDGE, "`job.edges[]`", NULL},
    {SCN_PARTITION, "`partition` as a mapping", NULL},
    {SCN_RUN, "`run`", NULL},
    {SCN_UNTIL, "`run.until`",
     "With `study: terminating`: the run ends at what comes first of these and `run.duration`. A "
     "source that ends does not tell its operators: what stands in unfinished buffers leaves by "
     "the "
     "buffer timeout."},
    {SCN_THRESHOLD, "`thresholds[]`",
     "An entry has `at-least`, `at-most`, or both; docs/comparing.md lists the metrics."},
    {SCN_MACHINE, "`machine`", NULL},
};

static void add_type(const struct scn_key *key, struct sim_text *text)
{
    if (key->type == SCN_PARTITIONER) {
        sim_text_add(text, "`{weights: [...]}` or ");
    }
    for (uint32_t i = 0; key->choices; i++) {
        char word[32];
        if (!scn_choice_get(key->choices, i, word, sizeof(word))) {
            return;
        }
        sim_text_add(text, "%s`%s`", i > 0 ? ", " : "", word);
    }
    sim_text_add(text, "%s", scn_type_describe(key->type));
}

static void add_bound(const struct scn_key *key, double bound, struct sim_text *text)
{
    char buffer[64];
    if (key->type == SCN_FLINK_SIZE || key->type == SCN_RECORD_SIZES) {
        sim_number_format_bytes(buffer, sizeof(buffer), (int64_t)bound);
    } else {
        sim_number_format_double(buffer, sizeof(buffer), bound);
    }
    sim_text_add(text, "%s", buffer);
}

/* Numbers have both bounds; of quantities only what is worth knowing. */
static void add_range(const struct scn_key *key, struct sim_text *text)
{
    bool is_number = key->type == SCN_INT || key->type == SCN_COUNT || key->type == SCN_NUMBER ||
                     key->type == SCN_NUMBERS;
    if (key->high == SCN_BELOW_ONE) {
        sim_text_add(text, "from 0 to below 1");
    } else if (is_number && key->high < 2147483647.0) {
        add_bound(key, key->low, text);
        sim_text_add(text, " to ");
        add_bound(key, key->high, text);
    } else if (is_number && key->low > -2147483647.0) {
        sim_text_add(text, "at least ");
        add_bound(key, key->low, text);
    } else if (!is_number && key->low == 1) {
        sim_text_add(text, "more than 0");
    } else if (key->low > 1) {
        sim_text_add(text, "at least ");
        add_bound(key, key->low, text);
    }
}

static void add_row(const struct scn_key *key, struct sim_text *text)
{
    sim_text_add(text, "| `%s` | ", key->name);
    add_type(key, text);
    sim_text_add(text, " | ");
    add_range(key, text);
    if (key->is_required) {
        sim_text_add(text, " | required | ");
    } else if (key->fallback && key->fallback[0]) {
        sim_text_add(text, " | `%s` | ", key->fallback);
    } else {
        sim_text_add(text, " | | ");
    }
    sim_text_add(text, "%s |\n", key->help);
}

static void add_section(const struct section *section, struct sim_text *text)
{
    sim_text_add(text, "\n## %s\n\n", section->title);
    if (section->text) {
        sim_text_add(text, "%s\n\n", section->text);
    }
    sim_text_add(text, "| key | value | range | default | meaning |\n"
                       "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < scn_schema_count(); i++) {
        if (scn_schema_key(i)->group == section->group) {
            add_row(scn_schema_key(i), text);
        }
    }
}

/* What a version takes when the key is not set, and what the key is to it. */
static void add_version(const struct scn_key *key, enum net_version version, struct sim_text *text)
{
    const char *fallback = scn_schema_fallback(key, version);
    switch (key->support[version]) {
    case SCN_CONSTANT:
        sim_text_add(text, "constant `%s`", fallback);
        break;
    case SCN_UNKNOWN:
        sim_text_add(text, "unknown");
        break;
    case SCN_NO_EFFECT:
        sim_text_add(text, "no influence");
        break;
    case SCN_READ:
        if (fallback) {
            sim_text_add(text, "`%s`", fallback);
        } else {
            sim_text_add(text, "not set");
        }
        break;
    }
}

static void add_flink_row(const struct scn_key *key, struct sim_text *text)
{
    sim_text_add(text, "| `%s` | ", key->name);
    add_type(key, text);
    sim_text_add(text, " | ");
    add_range(key, text);
    sim_text_add(text, " | ");
    add_version(key, NET_FLINK_1_20, text);
    sim_text_add(text, " | ");
    add_version(key, NET_FLINK_2_2, text);
    sim_text_add(text, " | %s", key->help);
    if (key->alias) {
        sim_text_add(text, "; older name `%s`", key->alias);
    }
    sim_text_add(text, " |\n");
}

static void add_flink(struct sim_text *text)
{
    sim_text_add(
        text, "\n## `flink`\n\n"
              "Flink's keys, verbatim; nested mappings are taken as keys with dots. The columns "
              "of the versions hold the default. A key that a version has as a constant, or does "
              "not know, is simulated as written, with a warning.\n\n"
              "| key | value | range | 1.20 | 2.2 | meaning |\n"
              "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == SCN_FLINK && key->type != SCN_ANYTHING) {
            add_flink_row(key, text);
        }
    }
    sim_text_add(text, "\nThese are accepted, so that a piece of a real configuration can be "
                       "pasted in; they have no influence on the simulation, and a warning says "
                       "so:\n\n");
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == SCN_FLINK && key->type == SCN_ANYTHING) {
            sim_text_add(text, "- `%s`: %s\n", key->name, key->help);
        }
    }
}

void scn_schema_write_docs(struct sim_text *text)
{
    sim_text_add(
        text,
        "# Keys of a scenario\n\n"
        "A scenario is a YAML file: one document of mappings, lists and plain values, in UTF-8, at "
        "most 1 MiB long and 32 levels deep, without anchors, tags and directives. This page is "
        "made from the reader's own table.\n\n"
        "Durations: `ns`, `us`, `ms`, `s`, `min`, `h`, `d`. Sizes: `B`, `kB`, `MB`, `GB` (by "
        "1000), "
        "`KiB`, `MiB`, `GiB` (by 1024). Rates: `/s`, `k/s`, `M/s`. Counts: `k`, `M`, or nothing. "
        "Bandwidths: `bit/s` and `B/s` "
        "with `k`, `M`, `G`. Under `flink` durations and sizes are written as Flink reads them "
        "(`100 ms`, `32kb`; each by 1024).\n\n"
        "`--set PATH=VALUE` sets a key from the command line: `run.seed=7`, `flink.KEY=VALUE` (all "
        "that follows `flink.` is one key), `job.vertices.NAME.process.service={constant: 3ms}`, "
        "`job.edges[0].partition=hash`.\n");
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        add_section(&sections[i], text);
    }
    add_flink(text);
}
