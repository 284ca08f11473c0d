"""W3 tandem with credits: producers and consumers are processes, links are timeouts with a callback.
usage: w3.py K buffers"""
import random, sys, time
from collections import deque
import simpy
K, B = int(sys.argv[1]), int(float(sys.argv[2])); random.seed(42)
P, D, E, F, S = 0.8, 1.0, 2, 8, 2 * K + 8
env = simpy.Environment(); ex = random.expovariate
pool = simpy.Container(env, capacity=S, init=S)
backlog = [deque() for _ in range(K)]; credit = [E] * K; rq = [simpy.Store(env) for _ in range(K)]
fl = [0] * K; waiting = [False] * K; fw = deque(); st = [F, 0, 0.0]; done = env.event()
def later(f, a): env.timeout(D, a).callbacks.append(f)
def try_send(k):
    b = backlog[k]
    while b and credit[k]:
        s = b.popleft(); credit[k] -= 1; pool.put(1); later(arrive, (k, s, len(b)))
def arrive(e):
    k, s, bl = e.value; rq[k].put(s)
    if bl and not waiting[k]:
        if st[0]: st[0] -= 1; fl[k] += 1; later(cred, k)
        else: waiting[k] = True; fw.append(k)
def cred(e): credit[e.value] += 1; try_send(e.value)
def producer(k):
    while True:
        yield pool.get(1); yield env.timeout(ex(1 / P)); backlog[k].append(env.now); try_send(k)
def consumer(k):
    while True:
        s = yield rq[k].get(); yield env.timeout(ex(1.0)); st[2] += env.now - s; st[1] += 1
        if st[1] == B: done.succeed(); return
        if fl[k]:
            fl[k] -= 1
            if fw: w = fw.popleft(); waiting[w] = False; fl[w] += 1; later(cred, w)
            else: st[0] += 1
        else: later(cred, k)
for k in range(K): env.process(producer(k)); env.process(consumer(k))
t0 = time.process_time(); env.run(until=done); t = time.process_time() - t0
print(f"simpy K={K} buffers {st[1]} buf/s {st[1]/t:.0f} | thr/ch {st[1]/(env.now*K):.4f} latency {st[2]/st[1]:.4f}")
