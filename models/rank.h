#ifndef MODELS_RANK_H
#define MODELS_RANK_H
/*
 * The order of events at one instant (SIM-11). Any fixed order is legal; this one avoids back
 * pressure that only the simulator would cause.
 */
enum net_rank {
    NET_RANK_WRITTEN = 1, /* transmissions complete, segments are released */
    NET_RANK_ARRIVAL = 2, /* messages at the receiver */
    NET_RANK_CONTROL = 3, /* credits, resumes and sizes at the sender */
    NET_RANK_LOOP = 4,    /* tasks posted to event loops */
    NET_RANK_TIMER = 5,   /* flushers and other timers */
    NET_RANK_TASK = 6,    /* mails, then default actions, tasks in index order */
    NET_RANK_GAUGE = 7,   /* metrics that are updated by a clock */
    NET_RANK_SAMPLE = 8,  /* the recorder */
};

/* What the trajectory hash covers (design: messages, credits, buffers, availability). */
enum net_trace {
    NET_TRACE_MESSAGE = 1,
    NET_TRACE_ARRIVAL = 2,
    NET_TRACE_CREDIT = 3,
    NET_TRACE_RECYCLED = 4, /* a partition's buffer went back to its pool */
    NET_TRACE_BUFFER = 7,   /* a partition got one */
    NET_TRACE_AVAILABLE = 5,
    NET_TRACE_BLOCKED = 6,
};

#endif
