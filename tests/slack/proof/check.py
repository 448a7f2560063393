"""Has the block models of Slack's SDK judge blocks.

Standard input is a list of lists of blocks, as JSON. Standard output is a list of as many strings: empty
where the SDK takes the blocks and gives the same ones back, otherwise what it says against them.
"""

import json
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block


def same(given, made):
    """Whether all that was given is in what the SDK made of it."""
    if isinstance(given, dict):
        return isinstance(made, dict) and all(key in made and same(given[key], made[key]) for key in given)
    if isinstance(given, list):
        return isinstance(made, list) and len(given) == len(made) and all(map(same, given, made))
    return given == made


def judge(blocks):
    try:
        made = [block.to_dict() for block in Block.parse_all(blocks)]
    except SlackObjectFormationError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if same(blocks, made) else f"the SDK makes of it {json.dumps(made)}"


print(json.dumps([judge(blocks) for blocks in json.load(sys.stdin)]))
