/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/virtio.h"

#include <string.h>

#define RESET_TIME (500 * MILLISECOND)

enum {
	/* Capabilities, 4.1.4. */
	CAP_VENDOR = 9,
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_ISR = 3,
	CAP_DEVICE = 4,
	CAP_TYPE_AT = 3,
	CAP_BAR_AT = 4,
	CAP_OFFSET_AT = 8,
	CAP_LENGTH_AT = 12,
	CAP_FACTOR_AT = 16,
};

/* The first capability of a type that can be used, as 4.1.4 asks. */
static bool
find(struct dev *d, uint8_t type, unsigned region, uint32_t least)
{
	unsigned at = 0, most = CONTROL_CONFIG / 4;

	while ((at = config_capability(d, CAP_VENDOR, at)) != 0 && most-- > 0)
		if (config_8(d, at + CAP_TYPE_AT) == type &&
		    reg_found(d, region, config_8(d, at + CAP_BAR_AT),
			config_32(d, at + CAP_OFFSET_AT),
			config_32(d, at + CAP_LENGTH_AT), least) == RC_OK)
			return true;
	dev_remark(d, "no structure of type %u (legacy only?)", type);
	return false;
}

enum status
virtio_find(struct dev *d, unsigned device, uint32_t least)
{
	if (!find(d, CAP_COMMON, VIRTIO_REGION_COMMON, 56) ||
	    !find(d, CAP_ISR, VIRTIO_REGION_ISR, 1) ||
	    (least != 0 && !find(d, CAP_DEVICE, device, least)))
		return RC_NOT_FOUND;
	return RC_OK;
}

/* The queue's own notify register (4.1.4.4). */
static enum status
find_notify(struct dev *d, uint16_t number)
{
	uint16_t offset = virtio_read_QUEUE_NOTIFY_OFF(d);
	unsigned at = 0, most = CONTROL_CONFIG / 4;

	while ((at = config_capability(d, CAP_VENDOR, at)) != 0 && most-- > 0)
		if (config_8(d, at + CAP_TYPE_AT) == CAP_NOTIFY)
			break;
	if (at == 0)
		return RC_DEVICE;
	return reg_found(d,
	    number == 0 ? VIRTIO_REGION_NOTIFY0 : VIRTIO_REGION_NOTIFY1,
	    config_8(d, at + CAP_BAR_AT),
	    config_32(d, at + CAP_OFFSET_AT) +
		(uint64_t)offset * config_32(d, at + CAP_FACTOR_AT),
	    2, 2);
}

static bool
is_reset(struct dev *d)
{
	return virtio_read_DEVICE_STATUS(d) == 0;
}

enum status
virtio_reset(struct dev *d)
{
	virtio_write_DEVICE_STATUS(d, 0);
	if (dev_until(d, is_reset, RESET_TIME))
		return RC_OK;
	dev_remark(d, "does not come out of reset");
	return RC_TIMEOUT;
}

void
virtio_leave(struct dev *d)
{
	virtio_write_DEVICE_STATUS(d, 0);
}

static uint64_t
offered(struct dev *d)
{
	uint64_t low;

	virtio_write_DEVICE_FEATURE_SELECT(d, 0);
	low = virtio_read_DEVICE_FEATURE(d);
	virtio_write_DEVICE_FEATURE_SELECT(d, 1);
	return low | (uint64_t)virtio_read_DEVICE_FEATURE(d) << 32;
}

enum status
virtio_negotiate(
    struct dev *d, uint64_t known, uint64_t needed, uint64_t *features)
{
	uint8_t status = VIRTIO_DEVICE_STATUS_ACKNOWLEDGE |
	    VIRTIO_DEVICE_STATUS_DRIVER;
	uint64_t f;

	needed |= VIRTIO_BIT(VIRTIO_F_VERSION);
	known |= needed | VIRTIO_BIT(VIRTIO_F_PLATFORM);
	virtio_write_DEVICE_STATUS(d, status);
	*features = f = offered(d) & known;
	if ((f & needed) != needed) {
		dev_remark(d, "does not offer the features 0x%llx",
		    (unsigned long long)(needed & ~f));
		return RC_UNSUPPORTED;
	}
	virtio_write_DRIVER_FEATURE_SELECT(d, 0);
	virtio_write_DRIVER_FEATURE(d, (uint32_t)f);
	virtio_write_DRIVER_FEATURE_SELECT(d, 1);
	virtio_write_DRIVER_FEATURE(d, (uint32_t)(f >> 32));
	status |= VIRTIO_DEVICE_STATUS_FEATURES_OK;
	virtio_write_DEVICE_STATUS(d, status);
	if (virtio_read_DEVICE_STATUS(d) != status) {
		dev_remark(
		    d, "refuses the features 0x%llx", (unsigned long long)f);
		return RC_DEVICE;
	}
	if ((f & VIRTIO_BIT(VIRTIO_F_PLATFORM)) != 0)
		d->control->said.features |= CONTROL_CONFINED;
	virtio_write_MSIX_CONFIG(d, VIRTIO_MSIX_CONFIG_NONE);
	return RC_OK;
}

enum status
virtio_queue(
    struct dev *d, struct virtq *q, uint16_t number, uint32_t at, uint16_t most)
{
	uint16_t vector = dev_given(d)->message != 0
	    ? 0
	    : VIRTIO_QUEUE_MSIX_VECTOR_NONE;
	uint16_t size;

	virtio_write_QUEUE_SELECT(d, number);
	size = virtio_read_QUEUE_SIZE(d);
	/* A power of two (2.6); 0 means that there is no queue. */
	if (size == 0 || (size & (size - 1)) != 0) {
		dev_remark(d, "queue %u of %u entries", number, size);
		return RC_DEVICE;
	}
	*q = (struct virtq){
	    .at = at,
	    .number = number,
	    .slots = size < most ? size : most,
	};
	memset(dev_dma(d, at), 0, PAGE_SIZE);
	virtio_write_QUEUE_SIZE(d, q->slots);
	virtio_write_QUEUE_MSIX_VECTOR(d, vector);
	if (virtio_read_QUEUE_MSIX_VECTOR(d) != vector) {
		dev_remark(d, "has no MSI-X vector left");
		return RC_DEVICE;
	}
	virtio_write_QUEUE_DESC(d, dev_bus(d, at));
	virtio_write_QUEUE_DRIVER(d, dev_bus(d, at + VIRTQ_AVAIL_AT));
	virtio_write_QUEUE_DEVICE(d, dev_bus(d, at + VIRTQ_USED_AT));
	virtio_write_QUEUE_ENABLE(d, 1);
	return find_notify(d, number);
}

void
virtio_run(struct dev *d)
{
	virtio_write_DEVICE_STATUS(d,
	    VIRTIO_DEVICE_STATUS_ACKNOWLEDGE | VIRTIO_DEVICE_STATUS_DRIVER |
		VIRTIO_DEVICE_STATUS_FEATURES_OK |
		VIRTIO_DEVICE_STATUS_DRIVER_OK);
}

uint64_t
virtio_interrupt(struct dev *d, uint64_t irqs)
{
	if (dev_given(d)->message != 0)
		return irqs;
	return virtio_read_ISR_STATUS(d) != 0 ? irqs : 0;
}
