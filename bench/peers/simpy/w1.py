"""W1 hold model on SimPy's event queue: timeouts with a callback. usage: w1.py N holds"""
import random, sys, time, simpy
N, M = int(float(sys.argv[1])), int(float(sys.argv[2]))
random.seed(42)
env = simpy.Environment(); ex = random.expovariate
def cb(_):
    env.timeout(ex(1.0)).callbacks.append(cb)
for _ in range(N): env.timeout(ex(1.0)).callbacks.append(cb)
for _ in range(min(N, 100000)): env.step()
t0 = time.process_time(); step = env.step
for _ in range(M): step()
print(f"simpy N={N} exp ns/hold {(time.process_time()-t0)/M*1e9:.1f}")
