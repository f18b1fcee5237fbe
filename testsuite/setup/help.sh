#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What `make help` prints.
cat <<'EOF'
make              build build/anteros.img, a bootable raw volume
make run          boot it in QEMU, serial line on this terminal; what runs in
                  it stays in volumes/NAME.img from one run to the next
make check        every test; last line `N passed, N failed`
make unit         the unit tests         make unit-NAME    one of them
make static       the checks of the source
make harness      the driver harness     make suite-NAME   any one suite
                  DRIVER=NAME BACKEND=model|qtest|replay CASE=NAME V=1
make soak         the long tests
make coverage     branches of kernel/object and kernel/method that host tests
                  take; what they do not is on standard error
make bench        one line for each operation: name<TAB>instructions
make bench-linux  reads of a disk beside Linux: fetches Debian's cloud kernel
make debug        gdb on the machine NAME, or on a new one at the kernel's entry;
                  with DRIVER=edu it stops where that driver begins
make plug DEV=edu, make unplug DEV=edu
                  hot-plug a device into the machine NAME (BUS=rp1|rp2,
                  on MACHINE=pc pci.0)
make push DRV=edu  send a driver package to the machine NAME; then, in its
                  shell, drv add edu (FILE=x.dtbo: another file of that name)
make push PROG=hello  send a program (build/domain/hello.elf); then, in the
                  shell, run hello
make manual       the generated reference, build/gen/manual
make format       clang-format on what has changed
make clean        remove build/; volumes stay

Variables
  BUILD=build     where everything is built
  DEBUG=1         the debug kernel (kernel-debug.elf is always one)
  V=1             show the commands; with DRIVER the harness's conversation
of make
  VOLUME_MB=256   the size of the volume in build/anteros.img
of make run
  NAME=anteros    the machine: volumes/NAME.img, run/NAME/{qmp,serial2,pid}
  VOLUME=FILE     another volume file      FRESH=1  a new one; the old is kept
  MACHINE=q35|pc  DISK=virtio|ide|ahci|nvme
  MEM=256         ACCEL=tcg|kvm
  QMP=SOCKET      QEMU_EXTRA="more arguments"
of make check
  DEADLINE_SCALE=4  multiplies every deadline (4 in make check, else 1)
  CHECK_JOBS=n      suites at a time (one for each CPU)
EOF
