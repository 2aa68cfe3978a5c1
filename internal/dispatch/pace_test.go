package dispatch_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// busiest is the largest number of arrivals in any second.
func busiest(arrivals []time.Time) int {
	slices.SortFunc(arrivals, func(a, b time.Time) int { return a.Compare(b) })
	most, from := 0, 0
	for to := range arrivals {
		for arrivals[to].Sub(arrivals[from]) >= time.Second {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

func TestRateIsReachedAndNeverExceeded(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{1, 5, 40, 200} {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, simulator.Options{Latency: 150 * time.Millisecond})
			b.rate, b.config.Concurrency = rate, 64
			orders := many(int(4*rate) + 20)
			b.run(dispatch.OneStep, orders...)
			arrivals := b.provider.Requests().Arrivals
			require.Len(t, arrivals, len(orders))
			require.LessOrEqual(t, busiest(arrivals), int(rate))
			took := arrivals[len(arrivals)-1].Sub(arrivals[0]).Seconds()
			require.GreaterOrEqual(t, float64(len(arrivals)-1)/took, 0.97*rate)
		})
	}
}

// One 429 slows every worker for the time that the provider asks, then to two thirds of the rate, and back
// step by step.
func TestThrottlingSlowsAllWorkersAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pace := dispatch.NewPace(10, nil)
		var starts []time.Duration
		begin := time.Now()
		wait := func() {
			require.NoError(t, pace.Wait(t.Context()))
			starts = append(starts, time.Since(begin))
		}
		for range 10 {
			wait()
		}
		require.InDelta(t, 0.9, starts[9].Seconds(), 0.05)
		pace.Throttled(30*time.Second, true)
		pace.Throttled(30*time.Second, true) // the other workers' answers to the same burst
		wait()
		require.InDelta(t, 30.9, starts[10].Seconds(), 0.1)
		wait()
		require.InDelta(t, 0.15, (starts[11] - starts[10]).Seconds(), 0.01,
			"two thirds of the rate, once for the burst")
		for range 600 {
			pace.Passed()
			wait()
		}
		last := len(starts) - 1
		require.InDelta(t, 0.1, (starts[last] - starts[last-1]).Seconds(), 0.01, "back at the set rate")
		pace.Throttled(1<<62, true)
		wait()
		require.InDelta(t, 120, (starts[last+1] - starts[last]).Seconds(), 1, "an absurd wait is capped")
		pace.Throttled(0, false)
		wait()
		require.InDelta(t, 5, (starts[last+2] - starts[last+1]).Seconds(), 0.5, "a missing wait has a default")
	})
}

func TestPaceIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pace := dispatch.NewPace(10, nil)
		begin := time.Now()
		var workers errgroup.Group
		for range 50 {
			workers.Go(func() error { return pace.Wait(t.Context()) })
		}
		require.NoError(t, workers.Wait())
		require.InDelta(t, 4.97, time.Since(begin).Seconds(), 0.1)
	})
}

// A provider that turns requests away for half a second in every four, and asks for one second each time, is
// used for most of the rest.
func TestRegularThrottlingDoesNotStarve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pace := dispatch.NewPace(25, nil)
		begin := time.Now()
		passed := 0
		for time.Since(begin) < 150*time.Second {
			require.NoError(t, pace.Wait(t.Context()))
			if time.Since(begin)%(4*time.Second) < 500*time.Millisecond {
				pace.Throttled(time.Second, true)
				continue
			}
			pace.Passed()
			passed++
		}
		require.Greater(t, passed, 150*25/3, "a third of the set rate at least")
	})
}
