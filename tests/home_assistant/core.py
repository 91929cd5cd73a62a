"""A real Home Assistant core without a head, driven by lines of JSON.

Runs under the Python of ``.venv-ha``, which holds the package ``homeassistant``. Reads
one request a line from standard input, answers one line each on standard output;
Home Assistant's own log goes to standard error. Its configuration folder is the one
argument; what it knows survives there from one start to the next.
"""

# This file runs in an environment of its own, which the type checker does not see.
# mypy: disable-error-code="import-not-found, misc, unused-ignore"

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

from homeassistant import bootstrap, config_entries, core, loader
from homeassistant import config as ha_config
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

# What the automations under test ask for. Nothing real answers, so we write it down.
SERVICES = (("light", "turn_on"), ("light", "turn_off"), ("notify", "notify"))


class Core:
    """Home Assistant with the integrations ``mqtt`` and ``automation``."""

    def __init__(self, folder: str) -> None:
        self.hass = core.HomeAssistant(folder)
        self.calls: list[dict[str, Any]] = []

    async def start(self, broker_port: int) -> None:
        """Start as ``hass`` does, less the integrations that need a screen."""
        hass = self.hass
        loader.async_setup(hass)
        hass.config.skip_pip = True
        yaml = await ha_config.async_hass_config_yaml(hass)
        hass.config_entries = config_entries.ConfigEntries(hass, yaml)
        await loader.async_get_custom_components(hass)
        await bootstrap.async_load_base_functionality(hass)
        await asyncio.gather(
            *(
                async_setup_component(hass, domain, yaml)
                for domain in bootstrap.CORE_INTEGRATIONS
            )
        )
        await async_process_ha_core_config(hass, yaml.get("homeassistant", {}))
        for domain, service in SERVICES:
            hass.services.async_register(domain, service, self._write_down)
        if not await async_setup_component(hass, "automation", yaml):
            raise RuntimeError("the automations were refused")
        if not await async_setup_component(hass, "mqtt", yaml):
            raise RuntimeError("the integration mqtt was refused")
        if not hass.config_entries.async_entries("mqtt"):
            await hass.config_entries.async_add(_mqtt_entry(broker_port))
        await hass.async_start()

    async def stop(self) -> None:
        """Stop as ``hass`` does; what it knows is written to disk."""
        await self.hass.async_stop()

    async def states(self) -> dict[str, Any]:
        """Return every entity's state and attributes."""
        return {
            state.entity_id: {"state": state.state, **state.attributes}
            for state in self.hass.states.async_all()
        }

    async def devices(self) -> list[dict[str, Any]]:
        """Return the devices that came over MQTT, with their entities."""
        entities = er.async_get(self.hass)
        entry = self.hass.config_entries.async_entries("mqtt")[0]
        return [
            {
                "identifiers": [name for _, name in device.identifiers],
                "name": device.name,
                "manufacturer": device.manufacturer,
                "model": device.model,
                "sw_version": device.sw_version,
                "entities": {
                    entity.entity_id: {
                        "unique_id": entity.unique_id,
                        "disabled": entity.disabled,
                        "category": entity.entity_category,
                    }
                    for entity in er.async_entries_for_device(
                        entities, device.id, include_disabled_entities=True
                    )
                },
            }
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self.hass), entry.entry_id
            )
        ]

    async def enable_all(self) -> None:
        """Switch on the entities that are off by default, as a person would."""
        entities = er.async_get(self.hass)
        entry = self.hass.config_entries.async_entries("mqtt")[0]
        for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
            entities.async_update_entity(entity.entity_id, disabled_by=None)
        await self.hass.config_entries.async_reload(entry.entry_id)

    async def call(self, domain: str, service: str, data: dict[str, Any]) -> None:
        """Call a service, as a tap on a dashboard does."""
        await self.hass.services.async_call(domain, service, data, blocking=True)

    async def called(self) -> list[dict[str, Any]]:
        """Return what the automations have asked for so far."""
        return self.calls

    async def _write_down(self, call: core.ServiceCall) -> None:
        self.calls.append(
            {"service": f"{call.domain}.{call.service}", **_plain(call.data)}
        )


def _plain(data: Any) -> Any:  # noqa: ANN401 - whatever a service takes
    return json.loads(json.dumps(data, default=str))


def _mqtt_entry(port: int) -> config_entries.ConfigEntry:
    return config_entries.ConfigEntry(
        version=1,
        minor_version=2,
        domain="mqtt",
        title="Mosquitto",
        data={"broker": "127.0.0.1", "port": port},
        options={"discovery": True},
        source=config_entries.SOURCE_USER,
        unique_id=None,
        discovery_keys={},
        subentries_data=None,
    )


async def main(folder: str) -> None:
    """Answer requests until standard input ends."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    home = Core(folder)
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        try:
            answer = await getattr(home, request.pop("do"))(**request)
        except Exception as error:  # noqa: BLE001 - told to the test
            reply = {"error": f"{type(error).__name__}: {error}"}
        else:
            reply = {"answer": _plain(answer)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
