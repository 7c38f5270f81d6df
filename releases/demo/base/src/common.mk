# SPDX-License-Identifier: GPL-2.0
#
# Rules shared by our out-of-tree drivers: finds the kernel to build for.
#
# BUILD_KERNEL  release of that kernel, `uname -r` if not given
# KSRC          its build folder, searched for if not given
# CFLAGS_EXTRA  more flags for the compiler

ifeq (,${BUILD_KERNEL})
  BUILD_KERNEL := $(shell uname -r)
endif

KSP := /lib/modules/${BUILD_KERNEL}/build \
       /lib/modules/${BUILD_KERNEL}/source \
       /usr/src/linux-headers-${BUILD_KERNEL} \
       /usr/src/kernels/${BUILD_KERNEL} \
       /usr/src/linux-${BUILD_KERNEL}

ifeq (,${KSRC})
  KSRC := $(firstword $(foreach dir,${KSP},$(if $(wildcard ${dir}/Makefile),${dir})))
endif

ifeq (,${KSRC})
  $(warning *** Kernel header files not in any of the expected locations.)
  $(warning *** Install the headers of ${BUILD_KERNEL} or set KSRC=<folder>)
  $(error Kernel header files not found)
endif

KVER := $(firstword $(subst -, ,${BUILD_KERNEL}))
KMAJOR := $(word 1,$(subst ., ,${KVER}))
KMINOR := $(word 2,$(subst ., ,${KVER}))

# $(call older_than,major,minor): 1 if the kernel is older
older_than = $(shell [ ${KMAJOR} -lt $(1) -o ${KMAJOR} -eq $(1) -a ${KMINOR} -lt $(2) ] && echo 1)

ifneq (,${CFLAGS_EXTRA})
  EXTRA := CFLAGS_MODULE="-DMODULE ${CFLAGS_EXTRA}"
endif

# $(call kernelbuild,target,variables)
kernelbuild = ${MAKE} -C "${KSRC}" M="${CURDIR}" ${EXTRA} ${2} ${1}
