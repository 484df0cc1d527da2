// web is the program inside the bed's sample workloads, and the means to measure whether they stay reachable.
//
//	web                      serve :8080: / names the pod, /healthz is alive, /readyz fails once SIGTERM came
//	web sleep SECONDS        for a preStop hook in an image without a shell
//	web watch URL INTERVAL   ask URL again and again; on SIGTERM or SIGINT print what was lost, as JSON
//	                         (https: whatever certificate; it measures reachability, not trust)
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func seconds(text string, otherwise float64) time.Duration {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		otherwise = v
	}
	return time.Duration(otherwise * float64(time.Second))
}

func serve(stop <-chan os.Signal) {
	name, _ := os.Hostname()
	var leaving atomic.Bool
	start := time.Now()
	warmUp := seconds(os.Getenv("READY_AFTER"), 2)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, name) })
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if leaving.Load() || time.Since(start) < warmUp {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	server := &http.Server{Addr: ":8080", Handler: mux}
	go func() {
		if err := server.ListenAndServe(); err != http.ErrServerClosed {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}()
	<-stop
	leaving.Store(true)
	time.Sleep(seconds(os.Getenv("GRACE"), 3)) // answer what still arrives
	limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server.Shutdown(limit)
}

type outage struct {
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"` // from the last good answer to the next
	Failed  int       `json:"failed"`
	Error   string    `json:"error"`
}

func watch(url string, interval time.Duration, stop <-chan os.Signal) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	asked, failed := 0, 0
	outages := []outage{}
	lastGood, down := time.Now(), false
	tick := time.NewTicker(interval)
	for {
		select {
		case <-stop:
			json.NewEncoder(os.Stdout).Encode(map[string]any{"asked": asked, "failed": failed, "outages": outages})
			return
		case <-tick.C:
			asked++
			answer, err := client.Get(url)
			if err == nil {
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode != 200 {
					err = fmt.Errorf("status %d", answer.StatusCode)
				}
			}
			if err != nil {
				failed++
				if !down {
					outages = append(outages, outage{At: time.Now()})
				}
				now := &outages[len(outages)-1]
				now.Failed++
				now.Error = err.Error()
				down = true
			} else {
				if down {
					outages[len(outages)-1].Seconds = time.Since(lastGood).Seconds()
				}
				lastGood, down = time.Now(), false
			}
		}
	}
}

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	switch {
	case len(os.Args) == 3 && os.Args[1] == "sleep":
		time.Sleep(seconds(os.Args[2], 0))
	case len(os.Args) == 4 && os.Args[1] == "watch":
		watch(os.Args[2], seconds(os.Args[3], 0.1), stop)
	default:
		serve(stop)
	}
}
