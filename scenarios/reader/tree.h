#ifndef SCENARIOS_TREE_H
#define SCENARIOS_TREE_H
/*
 * YAML text as a tree of nodes that know their places.
 *
 * Every scalar stays text here (so `1.20` is not a number); the schema says what it has to be. The
 * YAML that is understood is what a scenario needs: one document of mappings, sequences and
 * scalars. Anchors, aliases, tags and directives are refused, and so is text that libfyaml should
 * not see: no UTF-8, control characters, too long, too deep.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/reader/diagnostics.h"

#define SCN_MAX_TEXT (1u << 20) /* bytes of a scenario file */
#define SCN_MAX_DEPTH 32        /* of nesting */
#define SCN_MAX_KEYS 1000       /* of a mapping */
#define SCN_MAX_KEY 200         /* bytes of a key */

enum scn_node_kind {
    SCN_SCALAR,
    SCN_MAPPING,
    SCN_SEQUENCE,
};

struct scn_node {
    enum scn_node_kind kind;
    bool is_quoted; /* a scalar in quotes, or a block of text */
    const char *text;
    struct scn_place place;
    struct scn_entry *first; /* of a mapping or sequence */
    struct scn_entry *last;
    uint32_t count;
};

/* One entry of a mapping, or (key NULL) of a sequence. */
struct scn_entry {
    struct scn_node *key;
    struct scn_node *value;
    struct scn_entry *next;
};

/*
 * Parse a text. Returns the root, or NULL after at least one mistake was reported. A text without
 * content gives an empty mapping. `offset` is where in the source the YAML begins (not 0 for an
 * override).
 */
struct scn_node *scn_tree_parse(const struct scn_source *source, size_t offset,
                                struct scn_diagnostics *list);

/* The value of a key, or NULL. */
struct scn_node *scn_node_get(const struct scn_node *mapping, const char *key);
struct scn_entry *scn_node_find(const struct scn_node *mapping, const char *key);

/* Append an entry; key is NULL for a sequence. */
void scn_node_append(struct sim_arena *arena, struct scn_node *node, struct scn_node *key,
                     struct scn_node *value);

/* "a mapping", "a list", "nothing" or "'text'", for messages; the text lives in the arena. */
const char *scn_node_describe(struct sim_arena *arena, const struct scn_node *node);

/* Whether the node is an empty or `null` scalar. */
bool scn_node_is_null(const struct scn_node *node);

/* Refuse what libfyaml should not see; reports the first such place. */
bool scn_text_is_clean(const struct scn_source *source, size_t offset,
                       struct scn_diagnostics *list);

/* Whether the value of a scalar is plain text after its escapes were resolved. */
bool scn_value_is_clean(const char *value, size_t length);

#endif
