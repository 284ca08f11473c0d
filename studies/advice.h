#ifndef STUDIES_ADVICE_H
#define STUDIES_ADVICE_H
/*
 * The words of a diagnosis: what the bottleneck is, the evidence, and what to try.
 *
 * They are honest about buffers: in front of a busy task more of them only lengthen the queue, and
 * none makes a link faster.
 */
#include "studies/diagnosis.h"
#include "studies/outcome.h"

/* Fill the texts, key and direction of a diagnosis whose other members are set. */
void study_advise(struct study_diagnosis *diagnosis, const struct study_outcome *outcome);

#endif
