package kubelet

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is a started program.
type process struct {
	cmd      *exec.Cmd
	begun    time.Time
	ended    chan struct{} // closed when it has ended
	finished time.Time
	held     bool
}

// starts runs functions on one thread that lives as long as we do: a process
// that is to be killed with its parent is killed with the thread that made it.
var starts = make(chan func())

func init() {
	go func() {
		runtime.LockOSThread()
		for start := range starts {
			start()
		}
	}()
}

// startProcess starts a program that sees root as "/".
func startProcess(root, dir string, argv, env []string, out io.Writer) (*process, error) {
	attr := &syscall.SysProcAttr{Chroot: root, Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		// Only root may change the root directory; we are root in a namespace.
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	p := &process{
		cmd: &exec.Cmd{
			Path: argv[0], Args: argv, Env: env, Dir: dir, Stdout: out, Stderr: out,
			SysProcAttr: attr, WaitDelay: time.Second,
		},
		ended: make(chan struct{}),
	}
	if !filepath.IsAbs(p.cmd.Path) {
		p.cmd.Path = filepath.Join(dir, p.cmd.Path)
	}
	failed := make(chan error)
	starts <- func() { failed <- p.cmd.Start() }
	if err := <-failed; err != nil {
		return nil, err
	}
	p.begun = time.Now()
	go func() {
		_ = p.cmd.Wait()
		p.finished = time.Now()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) signal(s syscall.Signal) {
	if !p.over() {
		_ = syscall.Kill(-p.cmd.Process.Pid, s) // its whole group
	}
}

func (p *process) end()  { p.signal(syscall.SIGTERM) }
func (p *process) kill() { p.signal(syscall.SIGKILL) }

// hold stops the process where it stands, or lets it go on.
func (p *process) hold(still bool) {
	switch {
	case still == p.held:
		return
	case still:
		p.signal(syscall.SIGSTOP)
	default:
		p.signal(syscall.SIGCONT)
	}
	p.held = still
}

// code is the exit code as container runtimes tell it.
func (p *process) code() int32 {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(p.cmd.ProcessState.ExitCode())
}
