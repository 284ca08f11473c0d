"""W2 M/M/1, two processes and a Store, as in cimba's own SimPy benchmark. usage: w2.py customers"""
import random, sys, time, simpy
n = int(float(sys.argv[1])); random.seed(42)
def arrival(env, store):
    for _ in range(n):
        yield env.timeout(random.expovariate(0.9)); yield store.put(env.now)
def service(env, store, st):
    while True:
        a = yield store.get(); yield env.timeout(random.expovariate(1.0)); st[0] += env.now - a; st[1] += 1
env = simpy.Environment(); store = simpy.Store(env); st = [0.0, 0]
env.process(arrival(env, store)); env.process(service(env, store, st))
t0 = time.process_time(); env.run(); t = time.process_time() - t0
print(f"simpy customers {st[1]} ns/customer {t/st[1]*1e9:.1f} Mevents/s {2*st[1]/t/1e6:.4f} mean_sys {st[0]/st[1]:.4f}")
